"""The pages on which an organisation sets up its own sign-in (P15): of a customer's console and of a reseller."""
