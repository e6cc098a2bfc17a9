// What the machine can do: Dijkstra over compressed sparse rows with a lazy 4-ary heap, as one writes it in C++ for speed.
// Reads a graph (32-bit words: nodes, arcs, offsets, targets, costs) from the file of the first argument, computes as many trees
// as the second one says, each from another node (a tree computed twice would be learnt by heart by the branch predictor), and
// prints the CPU time of one in µs and the sum of the distances to the last node.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <limits>
#include <vector>

struct Graph {
  uint32_t nodes, arcs;
  std::vector<uint32_t> offsets, targets, costs;
};

struct Entry {
  uint64_t key;
  uint32_t node;
};

static std::vector<uint32_t> read(FILE *file, size_t count) {
  std::vector<uint32_t> words(count);
  if (fread(words.data(), 4, count, file) != count) exit(2);
  return words;
}

static Graph load(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file) exit(2);
  Graph graph;
  auto head = read(file, 2);
  graph.nodes = head[0];
  graph.arcs = head[1];
  graph.offsets = read(file, graph.nodes + 1);
  graph.targets = read(file, graph.arcs);
  graph.costs = read(file, graph.arcs);
  fclose(file);
  return graph;
}

class Heap {
  std::vector<Entry> entries;

public:
  bool empty() const { return entries.empty(); }
  void clear() { entries.clear(); }

  void push(Entry entry) {
    size_t hole = entries.size();
    entries.push_back(entry);
    while (hole > 0) {
      size_t parent = (hole - 1) / 4;
      if (entries[parent].key <= entry.key) break;
      entries[hole] = entries[parent];
      hole = parent;
    }
    entries[hole] = entry;
  }

  Entry pop() {
    Entry top = entries[0], last = entries.back();
    entries.pop_back();
    size_t size = entries.size(), hole = 0;
    if (size == 0) return top;
    for (size_t first = 1; first < size; first = hole * 4 + 1) {
      size_t end = first + 4 < size ? first + 4 : size, least = first;
      for (size_t child = first + 1; child < end; child++)
        if (entries[child].key < entries[least].key) least = child;
      if (entries[least].key >= last.key) break;
      entries[hole] = entries[least];
      hole = least;
    }
    entries[hole] = last;
    return top;
  }
};

static const uint64_t NOWHERE = std::numeric_limits<uint64_t>::max();

static void tree(const Graph &graph, Heap &heap, uint32_t source, std::vector<uint64_t> &costs,
                 std::vector<int32_t> &parents) {
  costs.assign(graph.nodes, NOWHERE);
  parents.assign(graph.nodes, -1);
  heap.clear();
  costs[source] = 0;
  heap.push({0, source});
  while (!heap.empty()) {
    Entry entry = heap.pop();
    if (entry.key != costs[entry.node]) continue;
    for (uint32_t arc = graph.offsets[entry.node]; arc < graph.offsets[entry.node + 1]; arc++) {
      uint32_t target = graph.targets[arc];
      uint64_t found = entry.key + graph.costs[arc];
      if (found >= costs[target]) continue;
      costs[target] = found;
      parents[target] = (int32_t)entry.node;
      heap.push({found, target});
    }
  }
}

int main(int count, char **words) {
  if (count != 3) return 2;
  Graph graph = load(words[1]);
  int times = atoi(words[2]);
  Heap heap;
  std::vector<uint64_t> costs;
  std::vector<int32_t> parents;
  tree(graph, heap, 0, costs, parents);
  clock_t start = clock();
  uint64_t sum = 0;
  for (int time = 0; time < times; time++) {
    // The same sequence of sources as in bench.js.
    tree(graph, heap, (uint32_t)((uint64_t)time * 7919 % graph.nodes), costs, parents);
    sum += costs[graph.nodes - 1];
  }
  double us = (double)(clock() - start) * 1e6 / CLOCKS_PER_SEC / times;
  printf("%.3f %llu\n", us, (unsigned long long)sum);
}
