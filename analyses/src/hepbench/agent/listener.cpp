// Listens to the log of RDataFrame and to TFile's reads, for native.py.
#include <ROOT/RLogger.hxx>
#include <TFile.h>
#include <TVirtualPerfStats.h>
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <memory>
namespace ROOT { namespace Detail { namespace RDF { ROOT::RLogChannel &RDFLogChannel(); } } }
namespace hepbench {
double clock(clockid_t id) { timespec t; clock_gettime(id, &t); return t.tv_sec + 1e-9 * t.tv_nsec; }
// Compilation wall and CPU, reads wall and CPU, CPU of event loops and of compilation elsewhere, then of each phase of a loop.
enum { compiling, reading = 2, away = 4, phases = 5 };
double totals[7], lastWall, lastCpu;
// An event loop sets up until it processes a tree, and opens a file from the first read of it until it processes its tree.
enum Phase { settingUp, opening, other } phase = other;
bool looping = false;
double loopBegan, phaseBegan; // CPU of the thread
void turn(Phase next) {
   double cpu = clock(CLOCK_THREAD_CPUTIME_ID);
   if (phase != other) totals[phases + phase] += cpu - phaseBegan;
   phase = next;
   phaseBegan = cpu;
}
void mark() { lastWall = clock(CLOCK_REALTIME); lastCpu = clock(CLOCK_THREAD_CPUTIME_ID); }
// ROOT gives only the start of a read. Of the time since the last mark, what was off CPU is put down to the read.
struct Reads : TVirtualPerfStats {
   void FileReadEvent(TFile *file, Int_t, Double_t start) override {
      if (looping && file->GetReadCalls() == 1) turn(opening);
      double wall = lastWall, cpu = lastCpu;
      mark();
      double read = std::max(0., lastWall - start), off = std::max(0., (lastWall - wall) - (lastCpu - cpu));
      totals[reading] += read;
      totals[reading + 1] += std::max(0., read - off);
   }
   void SetFile(TFile *) override {}
   void SimpleEvent(EEventType) override {}
   using Name = const char *;
   void PacketEvent(Name, Name, Name, Long64_t, Double_t, Double_t, Double_t, Long64_t) override {}
   void FileEvent(Name, Name, Name, Name, Bool_t) override {}
   void FileOpenEvent(TFile *, Name, Double_t) override {}
   void UnzipEvent(TObject *, Long64_t, Double_t, Int_t, Int_t) override {}
   void RateEvent(Double_t, Double_t, Long64_t, Long64_t) override {}
   void SetBytesRead(Long64_t) override {}
   Long64_t GetBytesRead() const override { return 0; }
   void SetNumEvents(Long64_t) override {}
   Long64_t GetNumEvents() const override { return 0; }
   void PrintBasketInfo(Option_t *) const override {}
   void SetLoaded(TBranch *, size_t) override {}
   void SetLoaded(size_t, size_t) override {}
   void SetLoadedMiss(TBranch *, size_t) override {}
   void SetLoadedMiss(size_t, size_t) override {}
   void SetMissed(TBranch *, size_t) override {}
   void SetMissed(size_t, size_t) override {}
   void SetUsed(TBranch *, size_t) override {}
   void SetUsed(size_t, size_t) override {}
   void UpdateBranchIndices(TObjArray *) override {}
} reads;
auto *channel = &ROOT::Detail::RDF::RDFLogChannel();
auto verbosity = ROOT::ELogLevel::kUnset, shown = verbosity; // what the user set, and what is shown
bool begins(const std::string &text, const char *with) { return text.rfind(with, 0) == 0; }
// RDataFrame logs "Starting event loop number 0.", "Just-in-time compilation phase completed in 1.7 seconds.", "3 deferred calls
// completed in ...", "Processing ...: entry range ..." for each tree, and "Finished event loop number 0 (...)".
struct Log : ROOT::RLogHandler {
   bool Emit(const ROOT::RLogEntry &entry) override {
      if (entry.fChannel != channel) return true;
      double cpu = lastCpu;
      mark();
      auto at = entry.fMessage.find(" completed in ");
      if (begins(entry.fMessage, "Starting event loop")) {
         turn(settingUp);
         loopBegan = lastCpu;
         looping = true;
      } else if (begins(entry.fMessage, "Processing ")) {
         turn(other);
      } else if (looping && begins(entry.fMessage, "Finished event loop")) {
         turn(other);
         totals[away] += lastCpu - loopBegan;
         looping = false;
      } else if (at != std::string::npos) {
         double wall = std::atof(entry.fMessage.c_str() + at + 14), spent = std::min(wall, lastCpu - cpu);
         totals[compiling] += wall;
         totals[compiling + 1] += spent;
         if (!looping) totals[away] += spent;
         if (phase != other) totals[phases + phase] -= spent;
      }
      return entry.fLevel <= shown;
   }
} *handler = nullptr;
}
extern "C" double *hepbench_totals() { return hepbench::totals; }
extern "C" void hepbench_listen(int on) {
   using namespace hepbench;
   auto &manager = ROOT::RLogManager::Get();
   if (on && !handler) {
      shown = channel->GetEffectiveVerbosity(manager);
      verbosity = channel->GetVerbosity();
      manager.PushFront(std::unique_ptr<ROOT::RLogHandler>(handler = new Log));
      channel->SetVerbosity(std::max(shown, ROOT::ELogLevel::kDebug));
   } else if (!on && handler) {
      manager.Remove(handler);
      handler = nullptr;
      channel->SetVerbosity(verbosity);
   }
}
extern "C" void hepbench_watch_thread(int on) {
   auto *&current = TVirtualPerfStats::CurrentPerfStats(); // one per thread; the workload's own stays
   hepbench::mark();
   if (on && !current) current = &hepbench::reads;
   if (!on && current == &hepbench::reads) current = nullptr;
}
