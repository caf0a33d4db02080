"""Names of core terms that are ordinary English too, and so may stand in ``plain``.

A word is here because a product manager uses it in this very sense, or in an everyday
sense that does no harm. A word whose technical sense would mislead (drift, skew,
recall, latency) is not. Plurals and inflections of an everyday term are everyday too.
"""

__all__ = ["EVERYDAY"]

# Folded word: why a stakeholder understands it.
EVERYDAY: dict[str, str] = {
    "approval": "somebody says yes",
    "assumption": "what one takes to be true",
    "availability": "whether something can be had",
    "bottleneck": "the slowest step, in any business",
    "consent": "a customer agreed",
    "constraint": "a limit on what can be done",
    "control": "to have something in hand",
    "dashboard": "product managers look at one each morning",
    "detect": "to notice something",
    "documentation": "what is written down about it",
    "experiment": "product teams run them and call them so",
    "feature": "product managers mean a part of the product, and the sentence shows it",
    "live": "real customers see it",
    "maintenance": "keeping it in good order",
    "model": "the program that makes the guesses; no shorter everyday word",
    "power": "strength, or electricity",
    "privacy": "nobody sees what is mine",
    "promotion": "a marketing offer",
    "ranking": "which comes first",
    "recover": "to get back to normal",
    "recovery": "getting back to normal",
    "rest": "what is left over; the interface style is written REST",
    "risk": "what may go wrong",
    "safety": "nobody gets hurt",
    "security": "nobody breaks in",
    "storage": "where things are kept",
    "target": "what one aims at",
    "trend": "the direction over time",
    "uncertainty": "not being sure",
}
