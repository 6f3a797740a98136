"""The SAM transform without AWS: reads template.yaml, writes the CloudFormation that it stands for.

`cargo xtask check` lints the result, because cfn-lint does not look through the transform.
Usage: transform_template.py TEMPLATE RESULT
"""

import json
import sys

import boto3
from samtranslator.model.exceptions import InvalidDocumentException
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse

# The transform takes code that has been uploaded; nothing reads this address.
UPLOADED_CODE = "s3://bucket/key"


def transform(template, region):
    """The template after the transform, with every function's code as if uploaded."""
    for resource in template["Resources"].values():
        if resource.get("Type") == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = UPLOADED_CODE
            resource.pop("Metadata", None)
    session = boto3.session.Session(region_name=region)
    return Translator({}, Parser(), boto_session=session).translate(
        sam_template=template, parameter_values={}
    )


def main():
    source, result = sys.argv[1:]
    with open(source, encoding="utf-8") as file:
        template = yaml_parse(file.read())
    try:
        transformed = transform(template, region="us-east-1")
    except InvalidDocumentException as invalid:
        sys.exit("\n".join(f"{source}: {cause.message}" for cause in invalid.causes))
    with open(result, "w", encoding="utf-8") as file:
        json.dump(transformed, file, indent=1)


if __name__ == "__main__":
    main()
