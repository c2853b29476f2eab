// Functions of the ADL queries for RDataFrame. Everything is computed in float64 by the letter of suites/adl/README.md;
// contraction to fused multiply-add would change last bits, so it is off.
#ifndef HEPBENCH_ADL
#define HEPBENCH_ADL
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <vector>
#include <ROOT/RVec.hxx>
#pragma clang fp contract(off)

namespace hepbench_adl {
using ROOT::RVecD;
using ROOT::RVecF;
using ROOT::RVecI;

inline double root(double value) { return __builtin_elementwise_sqrt(value); } // no errno, hence one instruction

struct Vector {
  double x, y, z, e;
};

inline Vector operator+(const Vector &a, const Vector &b) { return {a.x + b.x, a.y + b.y, a.z + b.z, a.e + b.e}; }

inline Vector vector(double pt, double eta, double phi, double mass) {
  double sine, cosine;
  sincos(phi, &sine, &cosine);
  const double total = pt * std::cosh(eta);
  return {pt * cosine, pt * sine, pt * std::sinh(eta), root(total * total + mass * mass)};
}

inline ROOT::RVec<Vector> vectors(const RVecF &pt, const RVecF &eta, const RVecF &phi, const RVecF &mass) {
  ROOT::RVec<Vector> all;
  all.reserve(pt.size());
  for (std::size_t i = 0; i < pt.size(); ++i)
    all.push_back(vector(pt[i], eta[i], phi[i], mass[i]));
  return all;
}

inline double mass(const Vector &v) {
  const double squared = v.e * v.e - v.x * v.x - v.y * v.y - v.z * v.z;
  return squared > 0 ? root(squared) : 0;
}

inline double azimuth(double one, double two) {
  double difference = one - two;
  if (difference >= M_PI)
    difference -= 2 * M_PI;
  if (difference < -M_PI)
    difference += 2 * M_PI;
  return difference;
}

// Query 3.
inline RVecF central(const RVecF &pt, const RVecF &eta) {
  RVecF kept;
  for (std::size_t i = 0; i < pt.size(); ++i)
    if (std::abs(eta[i]) < 1)
      kept.push_back(pt[i]);
  return kept;
}

// Query 4.
inline bool two_jets(const RVecF &pt) {
  int hard = 0;
  for (float value : pt)
    hard += value > 40;
  return hard >= 2;
}

// Query 5.
inline bool dimuon(const RVecF &pt, const RVecF &eta, const RVecF &phi, const RVecF &m, const RVecI &charge) {
  const auto muons = vectors(pt, eta, phi, m);
  for (std::size_t i = 0; i < muons.size(); ++i)
    for (std::size_t j = i + 1; j < muons.size(); ++j) {
      if (charge[i] == charge[j])
        continue;
      const double pair = mass(muons[i] + muons[j]);
      if (pair > 60 && pair < 120)
        return true;
    }
  return false;
}

// Query 6: pt in GeV and largest b-tag of the trijet with mass closest to 172.5 GeV; needs three jets.
struct Trijet {
  double pt, btag;
};

// Triples i < j < k of `n` objects, k slowest: those of fewer objects come first. One flat loop over them is clearly
// faster than three nested loops, the ends of whose short inner ones are mispredicted.
struct Triple {
  unsigned short i, j, k;

  bool before(const Triple &other) const {
    return i != other.i ? i < other.i : j != other.j ? j < other.j : k < other.k;
  }
};

inline std::vector<Triple> triples(std::size_t n) {
  std::vector<Triple> all;
  for (unsigned short k = 2; k < n; ++k)
    for (unsigned short j = 1; j < k; ++j)
      for (unsigned short i = 0; i < j; ++i)
        all.push_back({i, j, k});
  return all;
}

inline Trijet trijet(const RVecF &pt, const RVecF &eta, const RVecF &phi, const RVecF &m, const RVecF &btag) {
  constexpr std::size_t common = 32;
  static const std::vector<Triple> few = triples(common);
  const auto jets = vectors(pt, eta, phi, m);
  const std::size_t n = jets.size();
  const std::vector<Triple> many = n > common ? triples(n) : std::vector<Triple>();
  const Triple *triple = n > common ? many.data() : few.data();
  const Triple *const end = triple + n * (n - 1) * (n - 2) / 6;
  double nearest = std::numeric_limits<double>::infinity();
  Triple best = {0, 1, 2};
  for (; triple != end; ++triple) {
    const Vector sum = jets[triple->i] + jets[triple->j] + jets[triple->k];
    const double distance = std::abs(mass(sum) - 172.5);
    if (distance < nearest || (distance == nearest && triple->before(best))) {
      nearest = distance;
      best = *triple;
    }
  }
  const Vector sum = jets[best.i] + jets[best.j] + jets[best.k];
  const float highest = std::fmax(btag[best.i], std::fmax(btag[best.j], btag[best.k]));
  return {root(sum.x * sum.x + sum.y * sum.y), highest};
}

inline double trijet_pt(const Trijet &trijet) { return trijet.pt; }
inline double trijet_btag(const Trijet &trijet) { return trijet.btag; }

// Query 7: the sum of pt in GeV, or nothing when no jet is isolated.
inline bool near(double eta, double phi, const RVecF &pts, const RVecF &etas, const RVecF &phis) {
  for (std::size_t i = 0; i < pts.size(); ++i) {
    if (!(pts[i] > 10))
      continue;
    const double by_eta = eta - etas[i], by_phi = azimuth(phi, phis[i]);
    if (root(by_eta * by_eta + by_phi * by_phi) < 0.4)
      return true;
  }
  return false;
}

inline RVecD isolated_sum(const RVecF &pt, const RVecF &eta, const RVecF &phi, const RVecF &mu_pt, const RVecF &mu_eta,
                          const RVecF &mu_phi, const RVecF &e_pt, const RVecF &e_eta, const RVecF &e_phi) {
  double sum = 0;
  bool any = false;
  for (std::size_t i = 0; i < pt.size(); ++i)
    if (pt[i] > 30 && !near(eta[i], phi[i], mu_pt, mu_eta, mu_phi) && !near(eta[i], phi[i], e_pt, e_eta, e_phi)) {
      sum += pt[i];
      any = true;
    }
  return any ? RVecD{sum} : RVecD{};
}

// Query 8: best same-flavour opposite-charge pair of one flavour; `offset` is the index of its first lepton.
struct Pair {
  double distance = std::numeric_limits<double>::infinity();
  std::size_t first = 0, second = 0;
};

inline void nearest_pair(const ROOT::RVec<Vector> &leptons, const RVecI &charge, std::size_t offset, Pair &best) {
  for (std::size_t i = 0; i < leptons.size(); ++i)
    for (std::size_t j = i + 1; j < leptons.size(); ++j) {
      if (charge[i] == charge[j])
        continue;
      const double distance = std::abs(mass(leptons[i] + leptons[j]) - 91.2);
      if (distance < best.distance || best.second == 0)
        best = {distance, offset + i, offset + j};
    }
}

// The transverse mass in GeV, or nothing when there is no pair; needs three leptons.
inline RVecD transverse_mass(double met, double met_phi, const RVecF &mu_pt, const RVecF &mu_eta, const RVecF &mu_phi,
                             const RVecF &mu_m, const RVecI &mu_charge, const RVecF &e_pt, const RVecF &e_eta,
                             const RVecF &e_phi, const RVecF &e_m, const RVecI &e_charge) {
  const std::size_t muons = mu_pt.size(), all = muons + e_pt.size();
  Pair best;
  nearest_pair(vectors(mu_pt, mu_eta, mu_phi, mu_m), mu_charge, 0, best);
  nearest_pair(vectors(e_pt, e_eta, e_phi, e_m), e_charge, muons, best);
  if (best.second == 0)
    return {};
  double leading = -std::numeric_limits<double>::infinity(), phi = 0;
  for (std::size_t i = 0; i < all; ++i) {
    const double pt = i < muons ? mu_pt[i] : e_pt[i - muons];
    if (i == best.first || i == best.second || !(pt > leading))
      continue;
    leading = pt;
    phi = i < muons ? mu_phi[i] : e_phi[i - muons];
  }
  return {root(2 * leading * met * (1 - std::cos(azimuth(phi, met_phi))))};
}
} // namespace hepbench_adl
#endif
