"""Groups complaints into pain points: term vectors, neighbour graph, number of groups, labels, quality, assignment.

`fit.fit` learns a `ClusterModel` from a sample, `assign.Assigner` applies it, `match.match` tells what became of old
groups, `evaluate.agreement` compares with gold labels. `model` documents the arrays of a model.
"""
