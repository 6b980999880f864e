// Wire currents from what the devices carry.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "sim/crossbar.h"
#include "sim/twofold.h"

namespace ohmset::crossbar {

// Towards the source along each word line, towards the sink along each bit line; devices by rows.
void add_wire_currents(CrossbarFields& fields, const std::vector<Twofold>& devices);
// From fields.device_currents, of which some may be infinite.
void add_wire_currents(CrossbarFields& fields);

}  // namespace ohmset::crossbar
