"""`bluegreen.sync.compare.Samples` of a DynamoDB table.

A sample is drawn by reading small segments of the table, spread over it: a segment is a share of the space into which
keys are hashed, so it does not depend on what the keys are (Amazon DynamoDB API Reference, Scan, TotalSegments).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bluegreen.aws.sync.table import DynamoTable, describe
from bluegreen.sync.marks import Marks
from bluegreen.sync.state import image_of, text_of

SEGMENTS = 4096
STRIDE = 1021
"""Has no factor in common with the number of segments: all of them are visited before one comes again."""
A_SEGMENT = 10
"""So many items of one segment at most, unless there are too few."""


@dataclass(frozen=True, slots=True)
class DynamoSamples:
    """Items without their marks: the same content is the same item."""

    table: DynamoTable
    marks: Marks

    def draw(self, count: int, seed: int) -> Sequence[str]:
        """Segments until there are enough, or all were visited."""
        found: dict[str, None] = {}
        segments = min(SEGMENTS, max(1, self.count()))
        for number in range(segments):
            segment = (seed + number * STRIDE) % segments
            page = self.table.api.call(
                "dynamodb", "scan", TableName=self.table.name, Segment=segment, TotalSegments=segments, Limit=A_SEGMENT
            )
            found |= {text_of({name: item[name] for name in self.table.keys}): None for item in page["Items"]}
            if len(found) >= count:
                break
        return [*found][:count]

    def contents(self, keys: Sequence[str]) -> Mapping[str, str]:
        images = {key: self.table.get(image_of(key)) for key in keys}
        return {key: text_of(self.marks.bare(image)) for key, image in images.items() if image is not None}

    def count(self) -> int:
        """As DynamoDB counts it, every six hours or so."""
        return describe(self.table.api, self.table.name).count
