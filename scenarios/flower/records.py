"""Messages between a home and the coordinator, as the records that Flower carries.

Weights cross as one array, the bytes of a file of safetensors: Flower would carry each tensor in
requests of its own.
"""

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, MetricRecord, RecordDict

from forecasting.federated.messages import Order, Reason, Refusal, Update, Weights
from forecasting.learned import durable
from profiles.errors import InputError

_FILE = "safetensors"
_OWN: tuple[Reason, ...] = ("count", "loss")  # reasons for which a home itself sends no update


def of_order(order: Order) -> RecordDict:
    """Write an order; how long an update may be, each home knows itself."""
    figures = {
        "round": order.round,
        "learning_rate": order.learning_rate,
        "turns_count": order.turns_count,
    }
    return RecordDict({"weights": _arrays(order.weights), "order": ConfigRecord(figures)})


def order_in(content: RecordDict, clip_norm: float | None) -> Order:
    """Read an order, under the bound that a home keeps."""
    figures = content.config_records["order"]
    own = figures["learning_rate"], clip_norm, figures["turns_count"]
    return Order(figures["round"], weights_in(content), *own)


def of_weights(weights: Weights) -> RecordDict:
    """Write weights that homes are to judge."""
    return RecordDict({"weights": _arrays(weights)})


def weights_in(content: RecordDict) -> Weights:
    """Read weights that were sent."""
    return _tensors(content.array_records["weights"])


def of_answer(answer: Update | Refusal) -> RecordDict:
    """Write what a home answers."""
    if isinstance(answer, Refusal):
        return RecordDict({"refusal": ConfigRecord({"reason": answer.reason})})
    figures = {
        "client": answer.client,
        "round": answer.round,
        "samples_count": answer.samples_count,
        "loss_before": answer.loss_before,
        "loss_after": answer.loss_after,
    }
    return RecordDict({"delta": _arrays(answer.delta), "update": MetricRecord(figures)})


def answer_in(content: RecordDict, home_id: int, number: int) -> Update | Refusal:
    """Read what a home answers; nothing of it is believed.

    Parameters
    ----------
    content : RecordDict
        As it arrived.
    home_id, number : int
        Who was asked, in which round.

    Returns
    -------
    Update or Refusal
        An update has yet to pass the guard; what is none is refused here.
    """
    try:
        if "refusal" in content.config_records:
            reason = content.config_records["refusal"]["reason"]
            return Refusal(home_id, number, reason if reason in _OWN else "keys")
        figures = content.metric_records["update"]
        delta = _tensors(content.array_records["delta"])
        if figures["client"] != home_id:
            return Refusal(home_id, number, "not_asked")
        return Update(
            client=figures["client"],
            round=figures["round"],
            samples_count=figures["samples_count"],
            delta=delta,
            loss_before=figures["loss_before"],
            loss_after=figures["loss_after"],
        )
    except KeyError:
        return Refusal(home_id, number, "keys")
    except (InputError, ValueError, TypeError, OSError):  # bytes that are no tensors
        return Refusal(home_id, number, "shape")


def of_judgement(loss: float, windows_count: int) -> RecordDict:
    """Write how well weights forecast at a home, and over how many windows."""
    return RecordDict({"judged": MetricRecord({"loss": loss, "windows_count": windows_count})})


def judgement_in(content: RecordDict) -> tuple[float, int]:
    """Read how well weights forecast at a home; no windows where it does not say."""
    figures = content.metric_records.get("judged", {})
    loss, count = figures.get("loss"), figures.get("windows_count")
    if not isinstance(loss, float) or not isinstance(count, int) or count < 0:
        return 0.0, 0
    return loss, count


def _arrays(weights: Weights) -> ArrayRecord:
    return ArrayRecord({_FILE: Array(np.frombuffer(durable.packed(weights), dtype=np.uint8))})


def _tensors(arrays: ArrayRecord) -> Weights:
    return durable.tensors_in(np.asarray(arrays[_FILE].numpy(), dtype=np.uint8).tobytes())
