"""A5: a bucket as the place outside: written once, compared, away without harm."""

from __future__ import annotations

import socket

import pytest
from botocore.exceptions import ClientError
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from pytest_django import Settings

from accounts.buckets import NotEncrypted
from accounts.seals import outside
from accounts.seals.status import status
from tests.s3 import BUCKET, S3, bucket, locked_server
from tests.seals.log import Log


@pytest.fixture
def s3(log: Log, s3_server: S3, settings: Settings) -> S3:
    """An empty log whose place outside is a bucket."""
    s3_server.empty()
    settings.STORAGES = {**settings.STORAGES, "audit_seals": bucket(s3_server.url, write_once=True)}
    return s3_server


def seals(s3: S3) -> list[str]:
    return [key for key in s3.names() if key.endswith(".seal")]


def test_A5_seals_are_kept_in_a_bucket_and_verified_against_it(log: Log, s3: S3) -> None:
    for _ in range(3):
        log.write(2)
        assert log.seal() == 1
    assert seals(s3) == [f"0001/000000/{number:09}.seal" for number in (1, 2, 3)]
    assert s3.head(seals(s3)[0])["ServerSideEncryption"] == "AES256"
    assert (outside.head(), len(outside.keys())) == ((1, 3), 1)
    assert (log.verdict().problems, log.verdict().notes) == ([], [])

    s3.client.put_object(Bucket=BUCKET, Key=seals(s3)[-1], Body=b"another\n")
    assert log.first_problem() == "0001/000000/000000003.seal is no seal"


def test_A5_the_bucket_takes_no_other_seal_of_the_same_name(log: Log, s3: S3) -> None:
    """Also where two sealers look at the same moment and both find no such file."""
    storage = storages[outside.ALIAS]
    storage.save("0001/000000/000000001.seal", ContentFile(b"the first\n"))
    with pytest.raises(ClientError, match="PreconditionFailed"):
        storage.save("0001/000000/000000001.seal", ContentFile(b"another\n"))
    assert storage.open("0001/000000/000000001.seal").read() == b"the first\n"


def test_A5_a_bucket_with_object_lock_is_given_the_digest_that_it_asks_for(settings: Settings) -> None:
    """And where the key may not delete, what is not encrypted is refused all the same, by that name."""
    with locked_server() as url:
        settings.STORAGES = {**settings.STORAGES, "audit_seals": bucket(url, write_once=True)}
        assert storages[outside.ALIAS].save("0001.seal", ContentFile(b"a seal\n")) == "0001.seal"
    with locked_server(encrypts=False) as url:
        settings.STORAGES = {**settings.STORAGES, "audit_seals": bucket(url, write_once=True)}
        with pytest.raises(NotEncrypted):
            storages[outside.ALIAS].save("0001.seal", ContentFile(b"a seal\n"))


def test_A5_with_the_bucket_away_sealing_goes_on_and_is_made_up_for(log: Log, s3: S3, settings: Settings) -> None:
    log.write()
    log.seal()
    there = settings.STORAGES
    with socket.create_server(("127.0.0.1", 0)) as silent:
        away = bucket(f"http://127.0.0.1:{silent.getsockname()[1]}", write_once=True)
        settings.STORAGES = {**there, "audit_seals": away}
        log.write()
        assert log.seal() == 1
        assert status().trouble == "outside_away"
    settings.STORAGES = there
    assert log.seal() == 0
    assert (status().trouble, len(seals(s3)), log.first_problem()) == (None, 2, "")


def test_A5_a_bucket_that_lost_its_files_is_filled_again_and_one_with_more_stops_the_sealer(log: Log, s3: S3) -> None:
    for _ in range(2):
        log.write()
        log.seal()
    s3.empty()
    log.restarted()
    log.seal()
    assert len(seals(s3)) == 2
    log.tamper("DELETE FROM accounts_seal WHERE number = 2")
    log.restarted()
    log.write()
    assert log.seal() == 0
    assert status().trouble == "restored"
