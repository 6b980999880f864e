// Banks as text.
// SPDX-License-Identifier: Apache-2.0
#include "netlists/spice_writer/bank_text.h"

#include <fmt/format.h>

#include <iterator>

#include "netlists/spice_writer/frame.h"
#include "sim/error.h"

namespace ohmset::spice {
namespace {

constexpr std::size_t longest_line = 1000;

bool has_coefficients(const Leaf& leaf) { return leaf.tc1 != 0.0 || leaf.tc2 != 0.0; }

std::string_view stem_of(PartKind kind) {
  return kind == PartKind::device ? "r" : kind == PartKind::contact ? "rs" : "s";
}

// t2, or t3_5_2 in an array.
void append_name(std::string& text, LocalName name, std::string_view place) {
  text += name.stem;
  if (!place.empty()) {
    text += place;
    text += '_';
  }
  fmt::format_to(std::back_inserter(text), "{}", name.index);
}

std::string local_name(const LocalNode& node) {
  if (node.name.stem == "p" || node.name.stem == "n") return std::string(node.name.stem);
  std::string text;
  append_name(text, node.name, "");
  return text;
}

double value_of(const Part& part, const Leaf& leaf) {
  if (part.kind == PartKind::device) return leaf.resistance;
  // Where only one value can be written, it is the one that is there in both states.
  if (leaf.off == infinity) return leaf.on;
  if (leaf.on == 0.0) return leaf.off;
  return leaf.closed ? leaf.on : leaf.off;
}

void append_model(std::string& text, double on, double off) {
  text += "sw(vt=0.5 vh=0 ron=";
  append_number(text, on);
  text += " roff=";
  append_number(text, off);
  text += ")\n";
}

}  // namespace

BankText::BankText(const Topology& topology, const NetlistOptions& options, std::optional<Switch> shared)
    : topology_(topology), options_(options), shared_(shared), bypassed_(bypassed_by_switch(topology)) {
  if (options.switches != SwitchModel::sw || !shared) return;
  definitions_ = ".model contact ";
  append_model(definitions_, shared->on.value, shared->off.value);
}

NetlistBank BankText::add(std::string_view place, const std::string& p, const std::string& n,
                          std::span<const Leaf> leaves) {
  if (options_.switches == SwitchModel::sw) {
    rail_ = true;
    for (const Leaf& leaf : leaves) {
      if (!(leaf.on > 0.0) || leaf.off == infinity) {
        throw input_error("voltage-controlled switches need an on resistance above 0 and a finite off resistance",
                          "expected r_on and r_off in [switch], or resistors as switches");
      }
    }
  }
  const Known& known = known_shape(leaves);
  const std::vector<std::size_t> representative = representatives(known.shape, leaves);
  std::vector<std::string> names(known.shape.nodes.size());
  for (std::size_t node = 0; node < names.size(); ++node) {
    const LocalNode& local = known.shape.nodes[representative[node]];
    if (local.name.stem == "c") {
      names[node] = leaves[local.name.index].closed ? "von" : "0";
    } else if (representative[node] == node_p) {
      names[node] = p;
    } else if (representative[node] == node_n) {
      names[node] = n;
    } else {
      append_name(names[node], local.name, place);
    }
  }
  // A short joins the terminals through a source of 0 V: each keeps its name, and their devices stay between them.
  if (representative[node_n] == node_p) {
    names[node_n] = n;
    fmt::format_to(std::back_inserter(body_), "vb{} {} {} 0\n", place, p, n);
    ++elements_;
  }
  elements_ += known.shape.parts.size();
  NetlistBank bank{
      .instance = options_.flat ? std::string{} : fmt::format("xb{}", place), .word_node = p, .bit_node = n};
  bank.elements.resize(leaves.size());
  bank.values.resize(leaves.size());
  for (std::size_t k = 0; k < leaves.size(); ++k) bank.values[k] = leaves[k].resistance;
  for (const Part& part : known.shape.parts) {
    if (part.kind != PartKind::device) continue;
    std::string& name = bank.elements[part.device];
    if (!options_.flat) name = bank.instance + ".";
    append_name(name, {"r", part.device}, options_.flat ? place : "");
  }
  if (options_.flat) {
    write_flat(known, place, names, leaves);
  } else if (!known.shape.parts.empty()) {
    write_instance(known, place, names, leaves);
  }
  return bank;
}

const BankText::Known& BankText::known_shape(std::span<const Leaf> leaves) {
  auto [at, is_new] = shapes_.try_emplace(shape_key(leaves, options_.switches));
  if (is_new) {
    at->second.shape = shape_of(topology_, bypassed_, leaves, options_.switches);
    if (!options_.flat) define(at->second, leaves);
  }
  return at->second;
}

// ".subckt bank8 p n t0 ... r0=1 ...": every value is a parameter, so that the instances carry the numbers.
void BankText::define(Known& known, std::span<const Leaf> leaves) {
  known.subcircuit = fmt::format("bank{}", leaves.size());
  if (shapes_.size() > 1) known.subcircuit += fmt::format("_{}", shapes_.size());
  if (known.shape.parts.empty()) return;
  std::string body;
  for (const Part& part : known.shape.parts) {
    const std::string name = fmt::format("{}{}", stem_of(part.kind), part.device);
    const std::string a = local_name(known.shape.nodes[part.a]);
    const std::string b = local_name(known.shape.nodes[part.b]);
    if (part.kind == PartKind::controlled) {
      const std::string control = local_name(known.shape.nodes[part.control]);
      if (shared_) {
        body += fmt::format("{} {} {} {} 0 contact\n", name, a, b, control);
        continue;
      }
      body += fmt::format("{} {} {} {} 0 sw{}\n", name, a, b, control, part.device);
      body += fmt::format(".model sw{0} sw(vt=0.5 vh=0 ron={{on{0}}} roff={{off{0}}})\n", part.device);
      known.parameters.push_back(fmt::format(" on{}=", part.device));
      known.parameters.push_back(fmt::format(" off{}=", part.device));
      continue;
    }
    body += fmt::format("{} {} {} {{{}}}", name, a, b, name);
    known.parameters.push_back(fmt::format(" {}=", name));
    if (part.kind == PartKind::device && has_coefficients(leaves[part.device])) {
      body += options_.dialect == Dialect::ltspice ? fmt::format(" tc={{tca{0}}},{{tcb{0}}}", part.device)
                                                   : fmt::format(" tc1={{tca{0}}} tc2={{tcb{0}}}", part.device);
      known.parameters.push_back(fmt::format(" tca{}=", part.device));
      known.parameters.push_back(fmt::format(" tcb{}=", part.device));
    }
    body += '\n';
  }
  std::string line = ".subckt " + known.subcircuit;
  const auto append = [&](const std::string& word) {
    if (line.size() - (line.rfind('\n') + 1) + word.size() > longest_line) line += "\n+";
    line += word;
  };
  for (const LocalNode& node : known.shape.nodes) {
    if (node.pin) append(" " + local_name(node));
  }
  for (const std::string& parameter : known.parameters) append(parameter + "1");
  definitions_ += line + "\n" + body + ".ends " + known.subcircuit + "\n";
}

void BankText::write_instance(const Known& known, std::string_view place, const std::vector<std::string>& names,
                              std::span<const Leaf> leaves) {
  std::size_t line = body_.size();
  const auto wrap = [&] {
    if (body_.size() - line < longest_line) return;
    line = body_.size();
    body_ += "\n+";
  };
  body_ += "xb";
  body_ += place;
  for (std::size_t node = 0; node < names.size(); ++node) {
    if (!known.shape.nodes[node].pin) continue;
    wrap();
    body_ += ' ';
    body_ += names[node];
  }
  wrap();
  body_ += ' ';
  body_ += known.subcircuit;
  std::size_t parameter = 0;
  const auto append = [&](double value) {
    wrap();
    body_ += known.parameters[parameter++];
    append_number(body_, value);
  };
  for (const Part& part : known.shape.parts) {
    const Leaf& leaf = leaves[part.device];
    if (part.kind == PartKind::controlled) {
      if (!shared_) {
        append(leaf.on);
        append(leaf.off);
      }
      continue;
    }
    append(value_of(part, leaf));
    if (part.kind == PartKind::device && has_coefficients(leaf)) {
      append(leaf.tc1);
      append(leaf.tc2);
    }
  }
  body_ += '\n';
}

void BankText::write_flat(const Known& known, std::string_view place, const std::vector<std::string>& names,
                          std::span<const Leaf> leaves) {
  const auto node_name = [&](std::size_t node) -> const std::string& { return names[node]; };
  for (const Part& part : known.shape.parts) {
    const Leaf& leaf = leaves[part.device];
    append_name(body_, {stem_of(part.kind), part.device}, place);
    body_ += ' ';
    body_ += node_name(part.a);
    body_ += ' ';
    body_ += node_name(part.b);
    body_ += ' ';
    if (part.kind == PartKind::controlled) {
      std::string model = "contact";
      if (!shared_) {
        model.clear();
        append_name(model, {"sw", part.device}, place);
      }
      body_ += node_name(part.control) + " 0 " + model + "\n";
      if (!shared_) {
        body_ += ".model " + model + " ";
        append_model(body_, leaf.on, leaf.off);
      }
      continue;
    }
    append_number(body_, value_of(part, leaf));
    if (part.kind == PartKind::device && has_coefficients(leaf)) {
      body_ += options_.dialect == Dialect::ltspice ? " tc=" : " tc1=";
      append_number(body_, leaf.tc1);
      body_ += options_.dialect == Dialect::ltspice ? "," : " tc2=";
      append_number(body_, leaf.tc2);
    }
    body_ += '\n';
  }
}

std::string BankText::definitions() const { return definitions_; }

}  // namespace ohmset::spice
