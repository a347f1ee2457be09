"""The sections of the page, in their order: one file each, with a function `section()`."""

SECTIONS = (
    "hits",
    "tail",
    "spread",
    "ttls",
    "resolver",
    "propagation",
    "detection",
    "targets",
    "alarms",
    "tracking",
    "queues",
)
