//! The zone sheet: which part of the network can be reached from where, as the network team keeps it.

use super::sheet::Sheet;

/// Voice is missing: nobody has filled that row in.
const ZONES: [[&str; 4]; 12] = [
    ["10.20.10.0/23", "110-clinical-critical", "Clinical devices, critical care", "controlled"],
    ["10.20.20.0/23", "120-theatre", "Theatre", "controlled"],
    ["10.20.30.0/23", "130-ward-devices", "Ward devices", "controlled"],
    ["10.20.40.0/23", "140-imaging", "Imaging", "controlled"],
    ["10.20.44.0/23", "150-laboratory", "Laboratory", "controlled"],
    ["10.20.46.0/23", "160-dispensing", "Dispensing", "controlled"],
    ["10.20.50.0/23", "170-building", "Plant", "small"],
    ["10.20.60.0/22", "200-workstations", "Workstations", "controlled"],
    ["10.20.70.0/24", "210-printers", "Printers", "controlled"],
    ["10.20.80.0/24", "220-cameras", "Cameras", "small"],
    ["10.20.250.0/24", "1-management", "Management", "small"],
    ["192.0.2.0/24", "", "Outer zone", "open"],
];

pub(super) fn zones() -> Vec<u8> {
    let mut sheet = Sheet::new(&["subnet", "vlan", "zone", "exposure"]);
    for [subnet, vlan, zone, exposure] in ZONES {
        sheet.row(&[("subnet", subnet), ("vlan", vlan), ("zone", zone), ("exposure", exposure)]);
    }
    sheet.into_bytes()
}
