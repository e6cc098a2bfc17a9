"""Answers questions about graphs with networkx: one JSON object a line in, one out. Works with networkx 2.8 and later.

A question holds "arcs" ([from, to, costUs], both directions of each link) and "nodes", or a "family" (the name of a networkx
generator) with "args"; and "source", "target", "k". Weights are costUs * 4096 + 1, as whole numbers, so that they hold cost and hops.
"""

import itertools
import json
import sys

import networkx as nx

COST = 4096
LINK_COST_US = 1000


def family(name, args):
    graph = nx.convert_node_labels_to_integers(getattr(nx, name)(*args))
    arcs = [[f"n{a}", f"n{b}", LINK_COST_US] for a, b in graph.edges() if a != b]
    return [f"n{node}" for node in graph.nodes()], arcs + [[b, a, cost] for a, b, cost in arcs]


def directed(nodes, arcs):
    graph = nx.DiGraph()
    graph.add_nodes_from(nodes)
    graph.add_weighted_edges_from((a, b, cost * COST + 1) for a, b, cost in arcs)
    return graph


def weigh(graph, path):
    return sum(graph[a][b]["weight"] for a, b in zip(path, path[1:]))


def k_shortest(graph, source, target, k):
    if not nx.has_path(graph, source, target):
        return []
    paths = nx.shortest_simple_paths(graph, source, target, weight="weight")
    return [weigh(graph, path) for path in itertools.islice(paths, k)]


def disjoint_pair(graph, source, target):
    """The least total weight of two ways without a common node: a flow of two through nodes that carry one."""
    flow = nx.DiGraph()
    for node in graph.nodes():
        flow.add_edge(("in", node), ("out", node), capacity=1, weight=0)
    for a, b, weight in graph.edges(data="weight"):
        flow.add_edge(("out", a), ("in", b), capacity=1, weight=weight)
    flow.nodes["out", source]["demand"] = -2
    flow.nodes["in", target]["demand"] = 2
    try:
        return nx.min_cost_flow_cost(flow)
    except nx.NetworkXUnfeasible:
        return None


def backup(graph, source, target, distances):
    """The least weight of a way around the relays of the best one; None where ties leave open which that is."""
    best = list(itertools.islice(nx.all_shortest_paths(graph, source, target, weight="weight"), 2))
    if len(best) > 1:
        return None
    rest = graph.copy()
    rest.remove_nodes_from(best[0][1:-1])
    if len(best[0]) == 2:
        rest.remove_edge(source, target)
    if not nx.has_path(rest, source, target):
        return -1
    return nx.dijkstra_path_length(rest, source, target, weight="weight")


def answer(question):
    nodes, arcs = question.get("nodes"), question.get("arcs")
    if "family" in question:
        nodes, arcs = family(question["family"], question["args"])
    graph = directed(nodes, arcs)
    links = graph.to_undirected()
    source, target, k = question["source"], question["target"], question["k"]
    distances = nx.single_source_dijkstra_path_length(graph, source, weight="weight")
    part = links.subgraph(nx.node_connected_component(links, source))
    reached = target in distances and source != target
    return {
        "nodes": nodes,
        "arcs": arcs,
        "distances": distances,
        "diameter": nx.diameter(part),
        "averageHops": nx.average_shortest_path_length(part) if len(part) > 1 else 0,
        "components": sorted(sorted(each) for each in nx.connected_components(links)),
        "bridges": sorted(sorted(bridge) for bridge in nx.bridges(links)),
        "cutVertices": sorted(nx.articulation_points(links)),
        "kShortest": k_shortest(graph, source, target, k) if source != target else None,
        "disjointPair": disjoint_pair(graph, source, target) if source != target else None,
        "backup": backup(graph, source, target, distances) if reached else None,
    }


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
