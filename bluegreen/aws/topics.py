"""Messages to SNS topics (Amazon SNS API reference, Publish)."""

from __future__ import annotations

from bluegreen.aws.session import Api
from bluegreen.model import Notice
from bluegreen.notify.base import Way, subject, text
from bluegreen.notify.sns import Sns
from bluegreen.outside.messages import Send


def publisher(api: Api) -> Send:
    """SNS takes only topics of the region that it is asked in, so the topic must be in the rollout's."""

    def publish(way: Way, notice: Notice) -> None:
        assert isinstance(way, Sns)
        api.call(
            "sns",
            "publish",
            TopicArn=way.topic,
            Subject=subject(notice),
            Message=text(notice, way.link),
            MessageAttributes={"event": {"DataType": "String", "StringValue": notice.event}},
        )

    return publish
