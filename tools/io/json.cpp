// SPDX-License-Identifier: Apache-2.0
#include "tools/io/json.h"

#include <cmath>
#include <utility>

namespace ohmset::io {
namespace {

// The fields that a result and each of its alternatives share. A target out of reach has no configuration.
void add_choice(Json& json, const Choice* choice, bool robust) {
  const double none = std::numeric_limits<double>::quiet_NaN();
  json["achieved"] = json_number(choice != nullptr ? choice->achieved : none);
  json["error"] = json_number(choice != nullptr ? choice->error : none);
  json["relative_error"] = json_number(choice != nullptr ? choice->relative_error : none);
  json["bits"] = json_number(choice != nullptr ? choice->bits : none);
  json["mask"] = choice != nullptr ? Json(choice->configuration.text()) : Json(nullptr);
  json["on"] = choice != nullptr ? Json(choice->configuration.on()) : Json::array();
  if (robust) json["predicted_stddev"] = json_number(choice != nullptr ? choice->spread : none);
}

// What the robust choice was made among, and what it was preferred to.
Json robust_json(const RobustTrade& trade) {
  Json json;
  json["within"] = json_number(trade.within);
  json["nearest"] = Json::object();
  add_choice(json["nearest"], trade.nearest ? &*trade.nearest : nullptr, true);
  return json;
}

// The nearest attainable values; null where there is none, and where none was asked for.
Json neighbours(const Design& design) {
  Json json;
  for (const auto& [key, choice] : {std::pair("below", &design.below), std::pair("above", &design.above)}) {
    json[key] = nullptr;
    if (!*choice) continue;
    json[key]["achieved"] = json_number((*choice)->achieved);
    json[key]["error"] = json_number((*choice)->error);
    json[key]["mask"] = (*choice)->configuration.text();
  }
  return json;
}

}  // namespace

Json json_number(double value) {
  if (std::isnan(value)) return nullptr;
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  return value;
}

Json json_numbers(const std::vector<double>& values) {
  Json list = Json::array();
  for (const double value : values) list.push_back(json_number(value));
  return list;
}

Json json_rows(const Matrix& matrix) {
  Json rows = Json::array();
  for (Eigen::Index row = 0; row < matrix.rows(); ++row) {
    Json list = Json::array();
    for (Eigen::Index column = 0; column < matrix.cols(); ++column) list.push_back(json_number(matrix(row, column)));
    rows.push_back(std::move(list));
  }
  return rows;
}

std::string json_text(const Json& document) {
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string_view fault_name(const Device& device) {
  if (device.is_open()) return "open";
  return device.is_shorted() ? "shorted" : "";
}

std::string_view switch_fault_name(const Device& device) {
  if (device.stuck == Stuck::free) return "";
  return device.stuck == Stuck::open ? "stuck_open" : "stuck_closed";
}

std::string_view unit_name(TargetUnit unit) { return unit == TargetUnit::ohm ? "ohm" : "siemens"; }

Json to_json(const Device& device) {
  Json json;
  json["nominal_ohm"] = json_number(device.nominal.value);
  json["resistance_ohm"] = json_number(device.resistance.value);
  json["measured_ohm"] = json_number(device.measured.value);
  json["tc1"] = json_number(device.tc1);
  json["tc2"] = json_number(device.tc2);
  json["fault"] = fault_name(device);
  json["switch_on_ohm"] = json_number(device.contact.on.value);
  json["switch_off_ohm"] = json_number(device.contact.off.value);
  json["switch_fault"] = switch_fault_name(device);
  return json;
}

Json to_json(const Design& design) {
  Json json;
  json["target"] = json_number(design.target);
  json["unit"] = unit_name(design.unit);
  const bool robust = design.trade.has_value();
  add_choice(json, design.choices.empty() ? nullptr : design.choices.data(), robust);
  Json alternatives = Json::array();
  for (std::size_t k = 1; k < design.choices.size(); ++k) {
    Json alternative;
    add_choice(alternative, &design.choices[k], robust);
    alternatives.push_back(std::move(alternative));
  }
  json["alternatives"] = std::move(alternatives);
  json["method"] = design.method;
  json["exact"] = design.exact;
  json["proven"] = design.exact ? Json("exact") : json_number(design.bound);
  json["capped"] = design.capped;
  json["reachable"] = design.reachable;
  json["neighbours"] = neighbours(design);
  if (robust) json["robust"] = robust_json(*design.trade);
  return json;
}

Json to_json(const BankDesignFile& design) {
  Json json;
  json["format"] = "ohmset bank design";
  json["spec"] = design.spec_text.empty() ? Json(nullptr) : Json(design.spec_text);
  json["seed"] = design.seed;
  json["die"] = design.die;
  json["topology"] = design.bank.topology.text();
  json["devices"] = Json::array();
  for (const Device& device : design.bank.devices) json["devices"].push_back(to_json(device));
  json["results"] = Json::array();
  for (const Design& result : design.results) json["results"].push_back(to_json(result));
  return json;
}

Json to_json(const CompileSummary& summary) {
  Json json;
  json["cells"] = summary.cells;
  json["devices"] = summary.devices;
  json["bits_worst"] = json_number(summary.bits_worst);
  json["bits_median"] = json_number(summary.bits_median);
  json["weight_error_max"] = json_number(summary.weight_error_max);
  json["unreachable"] = summary.unreachable;
  return json;
}

}  // namespace ohmset::io
