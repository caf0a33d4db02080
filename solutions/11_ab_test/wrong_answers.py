"""Mistakes people make in lab 11, and the hint that each must lead to."""

WRONG_ANSWERS = []
EQUIVALENT = []
