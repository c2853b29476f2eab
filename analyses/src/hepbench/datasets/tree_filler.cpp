// Fills a TTree from contiguous arrays, branch by branch within a cluster: the row-wise TTree::Fill touches 687 branches
// per event and spends its time in cache misses.
#pragma cling optimize(2)
#include <cstring>
#include <vector>
#include "TBranch.h"
#include "TFile.h"
#include "TTree.h"

namespace hepbench {

// Plain pointers and no library templates in the inner loop: cling does not inline them.
struct Column {
  const char* source;  // the next value to write
  const char* start;   // its position at the start of the piece being written
  char* buffer;
  int counter;         // index of the counting column, or -1 for one value per event
  long size;
  TBranch* branch;
};

struct TreeFiller {
  TFile* file;
  TTree* tree = nullptr;  // owned by the file
  std::vector<Column> columns;
  long cluster;
  long entries = 0;
  static constexpr int kMostObjects = 512;

  TreeFiller(const char* path, int compression, long clusterEvents)
      : file(new TFile(path, "RECREATE", "", compression)), cluster(clusterEvents) {
    if (file->IsZombie()) return;
    tree = new TTree("Events", "Events");
    tree->SetAutoFlush(clusterEvents);
    tree->SetAutoSave(0);
    // One basket per branch and cluster; otherwise a basket that is full is written before the cluster ends.
    tree->SetBit(TTree::kOnlyFlushAtCluster);
  }

  bool usable() const { return tree != nullptr; }

  // counter: the index of the counting column (added before), or -1 for one value per event
  void add(const char* name, const char* leaf, int size, int counter, int basketBytes) {
    char* buffer = new char[size * (counter < 0 ? 1 : kMostObjects)]();
    columns.push_back({nullptr, nullptr, buffer, counter, size, tree->Branch(name, buffer, leaf, basketBytes)});
  }

  void source(int column, unsigned long long address) {
    columns[column].source = reinterpret_cast<const char*>(address);
  }

  bool failed() const { return file->TestBit(TFile::kWriteError); }

  // false: writing failed
  bool fill(long events) {
    while (events > 0) {
      const long room = cluster - entries % cluster;
      const long piece = events < room ? events : room;
      for (std::size_t number = 0; number < columns.size(); ++number)
        if (!fillColumn(columns.data(), number, piece)) return false;
      entries += piece;
      events -= piece;
      tree->SetEntries(entries);
      if (entries % cluster == 0 && !flush()) return false;
    }
    return true;
  }

  bool fillColumn(Column* all, int number, long events) {
    Column& column = all[number];
    column.start = column.source;
    Column* const counter = column.counter < 0 ? nullptr : all + column.counter;
    const int* counts = counter ? reinterpret_cast<const int*>(counter->start) : nullptr;
    const char* source = column.source;
    for (long event = 0; event < events; ++event) {
      long bytes = column.size;
      if (counter) {
        bytes *= counts[event];
        *reinterpret_cast<int*>(counter->buffer) = counts[event];  // ROOT reads the length from here
      }
      memcpy(column.buffer, source, bytes);
      source += bytes;
      if (column.branch->Fill() < 0) return false;
    }
    column.source = source;
    return true;
  }

  // The clusters are those of SetAutoFlush: no cluster of its own is recorded for this flush.
  bool flush() { return tree->FlushBaskets(false) >= 0 && !failed(); }

  // false: writing failed
  bool write() { return flush() && tree->Write("", TObject::kOverwrite) > 0 && !failed(); }

  long clusters() const {
    long count = 0;
    auto next = tree->GetClusterIterator(0);
    while (next() < tree->GetEntries()) ++count;
    return count;
  }

  long long compressed(int column) const {
    const TBranch* branch = columns[column].branch;
    long long bytes = 0;
    for (int basket = 0; basket < branch->GetWriteBasket(); ++basket) bytes += branch->GetBasketBytes()[basket];
    return bytes;
  }

  long long uncompressed(int column) const { return columns[column].branch->GetTotalSize(); }

  // false: the end of the file could not be written
  bool close() {
    file->Close();
    return !failed();
  }
};

}  // namespace hepbench
