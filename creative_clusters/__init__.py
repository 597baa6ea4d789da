"""Measures, data access and figure style of the executable edition.

Pages import what they need by subject, for example
``from creative_clusters.data import load``.
"""
