"""The least IAM policy for one rollout file.

`grant.py` is what a permission is, `arns.py` what it may be given on, `document.py` the JSON. Who needs what is in one
file for each part of a rollout; the folder is the registry. Where permissions can be narrowed is told by the Service
Authorization Reference of each service; a Describe action mostly cannot.
"""
