"""Route 53's own procedure, step by step and with exact fractions: choose by the policy; when the record is unhealthy
choose again among the others; when a branch has no healthy record, back out of it; when nothing is healthy, take all
for healthy. Written from the Developer Guide, without a look at the evaluator."""

from fractions import Fraction


def distribution(records, name, healthy):
    """Value -> probability of each final answer of a query for `name`."""
    found = _look_for_healthy(records, name, healthy)
    if found is not None:
        return found
    answers = {}
    for chosen, chance in _draw(_group(records, name)):
        _add(answers, _value_of(records, chosen, healthy), chance)
    return answers


def _look_for_healthy(records, name, healthy):
    """The distribution over answers that are considered healthy; None when the branch has none."""
    return _try(records, _group(records, name), healthy)


def _try(records, left, healthy):
    """Every way in which the drawing can go on, with the records that are `left` to be chosen from."""
    if not left:
        return None
    answers, dead_ends = {}, 0
    for chosen, chance in _draw(left):
        found = _healthy_answer(records, chosen, healthy)
        if found is None:
            found = _try(records, [each for each in left if each is not chosen], healthy)
        if found is None:
            dead_ends += chance
        else:
            _add(answers, found, chance)
    assert dead_ends in (0, 1), "whether there is a healthy record does not depend on the order of drawing"
    return None if dead_ends else answers


def _healthy_answer(records, chosen, healthy):
    if "HealthCheckId" in chosen and not healthy(chosen["HealthCheckId"]):
        return None
    if "AliasTarget" not in chosen:
        return {chosen["ResourceRecords"][0]["Value"]: Fraction(1)}
    target = chosen["AliasTarget"]["DNSName"]
    if chosen["AliasTarget"]["EvaluateTargetHealth"]:
        return _look_for_healthy(records, target, healthy)
    return distribution(records, target, healthy)


def _value_of(records, chosen, healthy):
    if "AliasTarget" not in chosen:
        return {chosen["ResourceRecords"][0]["Value"]: Fraction(1)}
    return distribution(records, chosen["AliasTarget"]["DNSName"], healthy)


def _draw(left):
    """(record, chance) of one draw by the policy; zero weights only when nothing else is left."""
    if "Failover" in left[0]:
        return [(min(left, key=lambda each: each["Failover"]), Fraction(1))]
    weights = [each.get("Weight", 1) for each in left]
    if not any(weights):
        weights = [1] * len(left)
    return [(each, Fraction(weight, sum(weights))) for each, weight in zip(left, weights, strict=True) if weight]


def _group(records, name):
    return [each for each in records if each["Name"] == name]


def _add(answers, found, chance):
    for value, share in found.items():
        answers[value] = answers.get(value, 0) + share * chance
