"""A shop lived through at random: many buyers, all methods, faults, crashes, a moving clock.

`make simulate SEEDS=200 STEPS=400`. A failure names its seed and replays exactly with SEED=<n>.
"""
