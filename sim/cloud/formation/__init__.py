"""What CloudFormation does with a template, as far as a rollout can tell: read it, work out its values, make its
resources. `sim/cloud/cloudformation.py` gives it an API and virtual time.

moto's own stacks are not used: they take no time, know no failures, and break on much that AWS accepts.
"""
