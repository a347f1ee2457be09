"""Is it so on the moto tier too, with the engine's own AWS adapters between?"""

from __future__ import annotations

from dataclasses import replace

from sim.explore.findings import Finding
from sim.explore.outcome import outcome_of
from sim.material import Material
from sim.tiers import Tier

SAME = "the same"


def confirmed(material: Material, finding: Finding) -> Finding:
    """The finding, with what the moto tier says to its smallest case."""
    again = outcome_of(material, finding.case, Tier.MOTO)
    if again.failure is None:
        return replace(finding, confirmed=f"it ends well there: {again.end}")
    same = again.failure.what == finding.failure.what
    return replace(finding, confirmed=SAME if same else f"there it is {again.failure.what}: {again.failure.why}")
