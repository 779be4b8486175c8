"""Deterministic simulation: whole replicas in virtual time, with faults at every port call, all chosen by a seed.

A run depends on nothing but its :mod:`decisions <tests.simulation.decisions>`: every question (how long does this
commit take, does its answer get lost, does this process die now) has a name and a number for an answer, and 0 is
always the plain answer. So a seed can be done again, and a history can be shortened by answering 0.
"""
