"""KMS by boto3: envelope encryption as applications do it, and the life of a key."""

import boto3
import pytest
from botocore.exceptions import ClientError

from conftest import CREDENTIALS


@pytest.fixture(scope="session")
def kms(endpoint):
    return boto3.client("kms", endpoint_url=endpoint, **CREDENTIALS)


def test_envelope_encryption(kms):
    key = kms.create_key(Description="orders")["KeyMetadata"]
    alias = f"alias/orders-{key['KeyId'][:8]}"
    kms.create_alias(AliasName=alias, TargetKeyId=key["KeyId"])
    context = {"table": "orders"}
    made = kms.generate_data_key(KeyId=alias, KeySpec="AES_256", EncryptionContext=context)
    assert len(made["Plaintext"]) == 32 and made["KeyId"] == key["Arn"]
    opened = kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=context)
    assert opened["Plaintext"] == made["Plaintext"]
    with pytest.raises(kms.exceptions.InvalidCiphertextException):
        kms.decrypt(CiphertextBlob=made["CiphertextBlob"])


def test_states_of_a_key(kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"hello")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    with pytest.raises(kms.exceptions.DisabledException):
        kms.decrypt(CiphertextBlob=blob)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"hello"
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with pytest.raises(kms.exceptions.KMSInvalidStateException):
        kms.decrypt(CiphertextBlob=blob)
    kms.cancel_key_deletion(KeyId=key)
    with pytest.raises(ClientError) as unknown:
        kms.describe_key(KeyId="alias/none")
    assert unknown.value.response["Error"]["Code"] == "NotFoundException"


def test_pages_of_keys(kms):
    made = {kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3)}
    pages = kms.get_paginator("list_keys").paginate(PaginationConfig={"PageSize": 1})
    assert made <= {key["KeyId"] for page in pages for key in page["Keys"]}
