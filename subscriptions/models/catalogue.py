from __future__ import annotations

from django.db import models


class Product(models.Model):
    """A product group of the vendor's catalogue, under its published id (B4)."""

    id = models.CharField(primary_key=True, max_length=64)
    name = models.CharField(max_length=100)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name


class Sku(models.Model):
    """What can be bought of a product, under its published id (B4)."""

    id = models.CharField(primary_key=True, max_length=64)
    product = models.ForeignKey(Product, models.PROTECT, related_name="skus")
    name = models.CharField(max_length=100)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.name
