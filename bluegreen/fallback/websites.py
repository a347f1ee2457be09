"""S3 website endpoints: their names, and the hosted zones that an alias to them names.

AWS General Reference, Amazon S3 website endpoints; no API tells them. Held against two independent copies of that table
(the AWS CDK's region facts and the Terraform provider's).
"""

from __future__ import annotations

WEBSITES = {
    "ap-east-1": ("s3-website.ap-east-1.amazonaws.com", "ZNB98KWMFR0R6"),
    "ap-northeast-1": ("s3-website-ap-northeast-1.amazonaws.com", "Z2M4EHUR26P7ZW"),
    "ap-northeast-2": ("s3-website.ap-northeast-2.amazonaws.com", "Z3W03O7B5YMIYP"),
    "ap-northeast-3": ("s3-website.ap-northeast-3.amazonaws.com", "Z2YQB5RD63NC85"),
    "ap-south-1": ("s3-website.ap-south-1.amazonaws.com", "Z11RGJOFQNVJUP"),
    "ap-southeast-1": ("s3-website-ap-southeast-1.amazonaws.com", "Z3O0J2DXBE1FTB"),
    "ap-southeast-2": ("s3-website-ap-southeast-2.amazonaws.com", "Z1WCIGYICN2BYD"),
    "ca-central-1": ("s3-website.ca-central-1.amazonaws.com", "Z1QDHH18159H29"),
    "eu-central-1": ("s3-website.eu-central-1.amazonaws.com", "Z21DNDUVLTQW6Q"),
    "eu-north-1": ("s3-website.eu-north-1.amazonaws.com", "Z3BAZG2TWCNX0D"),
    "eu-west-1": ("s3-website-eu-west-1.amazonaws.com", "Z1BKCTXD74EZPE"),
    "eu-west-2": ("s3-website.eu-west-2.amazonaws.com", "Z3GKZC51ZF0DB4"),
    "eu-west-3": ("s3-website.eu-west-3.amazonaws.com", "Z3R1K369G5AVDG"),
    "me-south-1": ("s3-website.me-south-1.amazonaws.com", "Z1MPMWCPA7YB62"),
    "sa-east-1": ("s3-website-sa-east-1.amazonaws.com", "Z7KQH4QJS55SO"),
    "us-east-1": ("s3-website-us-east-1.amazonaws.com", "Z3AQBSTGFYJSTF"),
    "us-east-2": ("s3-website.us-east-2.amazonaws.com", "Z2O1EMRO9K5GLX"),
    "us-gov-west-1": ("s3-website-us-gov-west-1.amazonaws.com", "Z31GFT0UA1I2HV"),
    "us-west-1": ("s3-website-us-west-1.amazonaws.com", "Z2F56UZL2M1ACD"),
    "us-west-2": ("s3-website-us-west-2.amazonaws.com", "Z3BJ6K6RIION7M"),
}
"""Region -> name of the endpoint, id of its hosted zone."""


def url_of(bucket: str, region: str) -> str:
    """Where the bucket's site answers. Website endpoints speak HTTP only (Amazon S3 User Guide, website endpoints)."""
    return f"http://{bucket}.{WEBSITES[region][0]}/"
