"""Functions as the zip files that Lambda takes."""

import importlib
import io
import zipfile
from pathlib import Path

FUNCTIONS = Path(__file__).resolve().parent / "functions"
# Lambda's Python has boto3. The Python of this machine may have none outside of a virtual environment.
BOTO3 = ["boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"]


def zipped(file_name, with_boto3=False):
    """The bytes of a package with one file, and the AWS SDK if the function needs it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.write(FUNCTIONS / file_name, file_name)
        for module in BOTO3 if with_boto3 else []:
            add_module(package, Path(importlib.import_module(module).__file__))
    return buffer.getvalue()


def package_of(file_name, text):
    """The bytes of a package with one file of this content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        package.writestr(file_name, text)
    return buffer.getvalue()


def add_module(package, init):
    if init.name != "__init__.py":
        package.write(init, init.name)
        return
    for path in sorted(init.parent.rglob("*")):
        name = path.relative_to(init.parent.parent)
        if path.is_file() and "__pycache__" not in name.parts and is_needed(name):
            package.write(path, name)


def is_needed(name):
    """Of the services that botocore knows, DynamoDB alone."""
    data = name.parts[:2] == ("botocore", "data")
    return not data or len(name.parts) == 3 or name.parts[2] == "dynamodb"
