// Reads branches of a TTree event by event, decompresses them, and does nothing with them but adding up their bits.
#include <cstdint>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>
#include "TBranch.h"
#include "TFile.h"
#include "TLeaf.h"
#include "TTree.h"

namespace hepbench_iobench {

struct Column {
  TBranch* branch;
  TLeaf* leaf;
  std::vector<char> buffer;
  std::uint32_t sum = 0;
  long values = 0;
};

// Values of 8 bytes count as two words of 4, as an order of summing must not matter.
template <class Word>
std::uint32_t sum_of(const char* from, long words) {
  std::uint32_t sum = 0;
  for (long i = 0; i < words; ++i) {
    Word word;
    std::memcpy(&word, from + i * sizeof(Word), sizeof(Word));
    sum += word;
  }
  return sum;
}

inline void add(Column& column) {
  const long values = column.leaf->GetLen(), size = column.leaf->GetLenType();
  column.values += values;
  if (size == 1) column.sum += sum_of<std::uint8_t>(column.buffer.data(), values);
  else if (size == 2) column.sum += sum_of<std::uint16_t>(column.buffer.data(), values);
  else column.sum += sum_of<std::uint32_t>(column.buffer.data(), values * size / 4);
}

// What went wrong, if anything; and sum and number of values of each column, in the order of `names`.
struct Result {
  std::string error;
  std::vector<long> sums, values;
};

inline Result read(const std::string& path, const std::string& tree_name, const std::vector<std::string>& names, long first, long last) {
  std::unique_ptr<TFile> file(TFile::Open(path.c_str()));
  if (!file || file->IsZombie()) return {path + " cannot be opened", {}, {}};
  auto* tree = file->Get<TTree>(tree_name.c_str());
  if (!tree || tree->GetEntries() < last) return {path + " does not hold " + std::to_string(last) + " events", {}, {}};
  tree->SetCacheSize();
  tree->SetCacheEntryRange(first, last);
  std::vector<Column> columns;
  for (const auto& name : names) {
    auto* branch = tree->GetBranch(name.c_str());
    if (!branch) return {"no column " + name + " in " + path, {}, {}};
    auto* leaf = static_cast<TLeaf*>(branch->GetListOfLeaves()->At(0));
    const long most = leaf->GetLenStatic() * (leaf->GetLeafCount() ? leaf->GetLeafCount()->GetMaximum() : 1);
    columns.push_back({branch, leaf, std::vector<char>((most + 1) * leaf->GetLenType())});
    tree->AddBranchToCache(branch, true);
  }
  tree->StopCacheLearningPhase();
  for (auto& column : columns) column.branch->SetAddress(column.buffer.data());
  for (long entry = first; entry < last; ++entry) {
    const long local = tree->LoadTree(entry);
    for (auto& column : columns) {
      if (column.branch->GetEntry(local) < 0) return {path + " cannot be read at event " + std::to_string(entry), {}, {}};
      add(column);
    }
  }
  tree->ResetBranchAddresses();
  Result result;
  for (const auto& column : columns) {
    result.sums.push_back(column.sum);
    result.values.push_back(column.values);
  }
  return result;
}

}  // namespace hepbench_iobench
