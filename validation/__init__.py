"""Each model of the world beside its reference: a formula, a published table or measurement, a real program."""
