//! What clinical engineering keeps: medical devices and the building, as a CMMS exports them.

use super::scale::Kind;
use super::sheet::Sheet;
use crate::random::Random;

/// So many devices of one model.
struct Fleet {
    count: u32,
    class: &'static str,
    /// The maker as different people have typed it.
    makers: &'static [&'static str],
    name: &'static str,
    model: &'static str,
    /// Firmware versions found; a blank is one that nobody noted.
    versions: &'static [&'static str],
    /// The operating system below, where clinical engineering knows it.
    os: (&'static str, &'static str),
    options: &'static [&'static str],
    area: Area,
}

/// Where devices stand: units, rooms and the network segment.
#[derive(Clone, Copy)]
enum Area {
    Critical,
    Theatre,
    Ward,
    Imaging,
    Laboratory,
    Pharmacy,
    Clinic,
    Plant,
}

/// Unit names, rooms, VLAN and the third number of its addresses.
fn place(area: Area) -> (&'static [(&'static str, &'static str)], &'static str, u8) {
    match area {
        Area::Critical => (
            &[
                ("Intensive care", "2-ICU"),
                ("Cardiac care", "2-CCU"),
                ("Neonatal care", "3-NICU"),
                ("Emergency", "0-ED"),
            ],
            "110-clinical-critical",
            10,
        ),
        Area::Theatre => (
            &[("Operating theatres", "1-OR"), ("Recovery", "1-PACU"), ("Cath lab", "1-CATH")],
            "120-theatre",
            20,
        ),
        Area::Ward => (
            &[
                ("Medicine 4 East", "4E"),
                ("Medicine 4 West", "4W"),
                ("Surgery 5 East", "5E"),
                ("Surgery 5 West", "5W"),
                ("Oncology", "6N"),
                ("Maternity", "3M"),
            ],
            "130-ward-devices",
            30,
        ),
        Area::Imaging => {
            (&[("Radiology", "0-RAD"), ("Nuclear medicine", "0-NUC")], "140-imaging", 40)
        }
        Area::Laboratory => {
            (&[("Laboratory", "-1-LAB"), ("Blood bank", "-1-BB")], "150-laboratory", 44)
        }
        Area::Pharmacy => (
            &[("Pharmacy", "-1-PH"), ("Medicine 4 East", "4E"), ("Operating theatres", "1-OR")],
            "160-dispensing",
            46,
        ),
        Area::Clinic => {
            (&[("Outpatients", "0-OPD"), ("Day hospital", "0-DH")], "130-ward-devices", 31)
        }
        Area::Plant => (
            &[("Plant room", "-2-PLANT"), ("Roof", "8-ROOF"), ("Facilities", "0-FAC")],
            "170-building",
            50,
        ),
    }
}

const NO_OS: (&str, &str) = ("", "");
const NONE: &[&str] = &[""];

#[rustfmt::skip]
const FLEETS: &[Fleet] = &[
    // Infusion and other continuous therapy.
    Fleet { count: 62, class: "Infusion pump", makers: &["BD", "CareFusion", "Becton, Dickinson and Company"], name: "Alaris PC unit", model: "8015", versions: &["9.33.1", "9.33.1", "12.1.2", "12.1.2", "12.3.1", "9.19", ""], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 14, class: "Syringe pump", makers: &["BD", "Becton Dickinson"], name: "Alaris GH syringe pump", model: "Alaris GH", versions: &["2.3.6", "4.1.0"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 48, class: "Infusion pump", makers: &["Baxter", "Baxter Healthcare"], name: "Sigma Spectrum", model: "35700BAX2", versions: &["8.00.01", "8.01.01", ""], os: NO_OS, options: &["Wireless Battery Module v17D19", "Wireless Battery Module v22D28", "standard battery module", ""], area: Area::Ward },
    Fleet { count: 8, class: "Infusion pump", makers: &["Baxter"], name: "Spectrum V9", model: "35700BAX3", versions: &["9.02.01"], os: NO_OS, options: &["Wireless Battery Module v22D24"], area: Area::Ward },
    Fleet { count: 18, class: "Infusion docking station", makers: &["B. Braun", "BBraun", "B Braun Medical Inc"], name: "SpaceStation with SpaceCom 2", model: "8713142U", versions: &["012U000061", "012U000093", "012U000061", ""], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 34, class: "Infusion pump", makers: &["B. Braun", "BBraun"], name: "Infusomat Space", model: "8713050U", versions: &["688U030002", "686U010001"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 10, class: "Infusion pump", makers: &["B. Braun Melsungen AG"], name: "Battery pack SP with Wi-Fi", model: "8713190", versions: &["054U000091", "054U000093"], os: NO_OS, options: NONE, area: Area::Ward },
    Fleet { count: 6, class: "Infusion rack", makers: &["Fresenius Kabi"], name: "Agilia Link+", model: "Link+ Agilia", versions: &["3.0 D15", "3.0 D16"], os: NO_OS, options: NONE, area: Area::Ward },
    Fleet { count: 24, class: "Infusion pump", makers: &["Fresenius Kabi", "Fresenius"], name: "Volumat MC Agilia WiFi", model: "Z019850", versions: &["4.1"], os: NO_OS, options: &["Agilia Connect WiFi module D25", "Agilia Connect WiFi module D29"], area: Area::Ward },
    Fleet { count: 8, class: "Infusion pump", makers: &["BD", "CME Medical"], name: "CME BodyGuard 323", model: "BodyGuard 323", versions: &["2nd Edition", ""], os: NO_OS, options: NONE, area: Area::Clinic },
    Fleet { count: 10, class: "Syringe pump", makers: &["Smiths Medical"], name: "Medfusion 4000 wireless syringe infusion pump", model: "Medfusion 4000", versions: &["1.1", "1.5", "1.6", "1.6.1"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 8, class: "Dialysis", makers: &["Baxter", "Gambro"], name: "PrismaFlex", model: "PrismaFlex", versions: &["7.20", "8.20"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 4, class: "Dialysis", makers: &["Baxter"], name: "PrisMax", model: "PrisMax", versions: &["2.1", "3.2"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 4, class: "Insulin pump", makers: &["Medtronic", "Medtronic MiniMed"], name: "MiniMed 670G", model: "MMT-1780", versions: &[""], os: NO_OS, options: NONE, area: Area::Clinic },
    // Life support.
    Fleet { count: 14, class: "Transport ventilator", makers: &["Hamilton Medical", "Hamilton Medical AG"], name: "HAMILTON-T1", model: "T1", versions: &["2.2.3", "2.1.2", "3.0.1", ""], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 12, class: "Ventilator", makers: &["Hamilton Medical"], name: "HAMILTON-C6", model: "C6", versions: &["1.1.5", "1.2.4"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 10, class: "Ventilator", makers: &["Dräger", "Draeger Medical"], name: "Evita Infinity V500", model: "V500", versions: &["2.50", "2.51"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 8, class: "Anaesthesia machine", makers: &["GE Healthcare", "Datex-Ohmeda"], name: "Aespire 7900", model: "Aespire 7900", versions: &["7.11", ""], os: NO_OS, options: &["serial to network adapter", ""], area: Area::Theatre },
    Fleet { count: 4, class: "Anaesthesia machine", makers: &["GE"], name: "Aestiva 7900", model: "Aestiva 7900", versions: &["4.5"], os: NO_OS, options: NONE, area: Area::Theatre },
    Fleet { count: 6, class: "Anaesthesia machine", makers: &["GE Healthcare"], name: "Carestation 650", model: "Carestation 650", versions: &["01.00"], os: NO_OS, options: NONE, area: Area::Theatre },
    Fleet { count: 6, class: "Anaesthesia machine", makers: &["Dräger"], name: "Perseus A500", model: "Perseus A500", versions: &["1.13", "2.03"], os: NO_OS, options: NONE, area: Area::Theatre },
    Fleet { count: 2, class: "Balloon pump", makers: &["Getinge"], name: "Cardiosave Hybrid", model: "Cardiosave", versions: &["D.01"], os: NO_OS, options: NONE, area: Area::Theatre },
    // Monitoring.
    Fleet { count: 34, class: "Patient monitor", makers: &["Philips", "Philips Healthcare", "Phillips"], name: "IntelliVue MX400", model: "866060", versions: &["M.00.03", "L.01.14", "N.01.01", "P.00.01", ""], os: NO_OS, options: NONE, area: Area::Ward },
    Fleet { count: 20, class: "Patient monitor", makers: &["Philips"], name: "IntelliVue MX800", model: "865240", versions: &["M.04.02", "N.00.05", "P.01.01"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 12, class: "Patient monitor", makers: &["Philips Medical Systems", "Philips"], name: "IntelliVue MP70", model: "M8007A", versions: &["J.10.50", "L.01.14"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 14, class: "Patient monitor", makers: &["Philips"], name: "IntelliVue X3", model: "867030", versions: &["M.00.03", "N.01.01"], os: NO_OS, options: NONE, area: Area::Theatre },
    Fleet { count: 24, class: "Telemetry monitor", makers: &["Philips"], name: "IntelliVue MX40", model: "865352", versions: &["B.05.28", "B.06.12", "B.06.57", ""], os: NO_OS, options: &["WLAN"], area: Area::Ward },
    Fleet { count: 3, class: "Central station", makers: &["Philips"], name: "Patient Information Center iX", model: "866389", versions: &["B.02", "C.02", "C.03"], os: ("Windows Server 2016", "10.0.14393.6252"), options: NONE, area: Area::Critical },
    Fleet { count: 12, class: "Patient monitor", makers: &["GE Healthcare", "GE"], name: "CARESCAPE B650", model: "B650", versions: &["1.1", "2.0.5", "3.1"], os: NO_OS, options: NONE, area: Area::Theatre },
    Fleet { count: 8, class: "Patient monitor", makers: &["GE Healthcare"], name: "CARESCAPE B450", model: "B450", versions: &["2.0.5", "3.1"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 2, class: "Central station", makers: &["GE Healthcare"], name: "CARESCAPE Central Station", model: "CSCS", versions: &["1.3", "2.0.2"], os: ("Windows 7 Professional", "6.1.7601"), options: NONE, area: Area::Theatre },
    Fleet { count: 1, class: "Telemetry server", makers: &["GE Healthcare"], name: "ApexPro Telemetry Server", model: "ApexPro", versions: &["4.2"], os: ("Windows XP", "5.1.2600"), options: NONE, area: Area::Ward },
    Fleet { count: 8, class: "Patient monitor", makers: &["Dräger", "Draeger"], name: "Infinity Delta", model: "MS18597", versions: &["VF8.3", "VF9.1", "VF10.1"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 2, class: "Telemetry receiver", makers: &["Spacelabs", "Spacelabs Healthcare"], name: "Xhibit Telemetry Receiver", model: "96280", versions: &["1.0.2", "1.2.1"], os: NO_OS, options: NONE, area: Area::Ward },
    Fleet { count: 6, class: "Fetal monitor", makers: &["Philips"], name: "Avalon FM30", model: "M2703A", versions: &["J.30.58", "L.30.12"], os: NO_OS, options: NONE, area: Area::Ward },
    Fleet { count: 26, class: "Vital signs monitor", makers: &["Welch Allyn", "Hillrom", "Baxter"], name: "Connex Spot Monitor", model: "CSM", versions: &["1.51", "1.52", "1.52.01", "1.53", ""], os: NO_OS, options: NONE, area: Area::Ward },
    Fleet { count: 6, class: "Vital signs monitor", makers: &["Welch Allyn"], name: "Connex Vital Signs Monitor", model: "CVSM 6000", versions: &["2.42.00", "2.43.02"], os: NO_OS, options: NONE, area: Area::Clinic },
    Fleet { count: 6, class: "Device gateway", makers: &["Capsule Technologies", "Capsule"], name: "SmartLinx Neuron 2", model: "Neuron 2", versions: &["9.0.2", "10.1.0"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 4, class: "Device gateway", makers: &["Philips"], name: "IntelliBridge EC40 Hub", model: "EC40", versions: &["C.00.04", "C.00.10"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 6, class: "ECG cart", makers: &["Philips"], name: "PageWriter TC70", model: "TC70", versions: &["A.07.05.09"], os: NO_OS, options: NONE, area: Area::Clinic },
    Fleet { count: 4, class: "ECG cart", makers: &["Hillrom", "Welch Allyn"], name: "ELI 380 Resting Electrocardiograph", model: "ELI 380", versions: &["2.6.0", "2.6.1"], os: NO_OS, options: NONE, area: Area::Clinic },
    // Imaging.
    Fleet { count: 6, class: "Ultrasound", makers: &["Philips"], name: "EPIQ 7", model: "EPIQ 7", versions: &["VM4.0.1", "VM5.0", "VM6.0"], os: NO_OS, options: NONE, area: Area::Imaging },
    Fleet { count: 3, class: "Ultrasound", makers: &["Philips"], name: "Affiniti 70", model: "Affiniti 70", versions: &["VM5.0", "VM7.0"], os: NO_OS, options: NONE, area: Area::Clinic },
    Fleet { count: 5, class: "Ultrasound", makers: &["GE Healthcare", "GE"], name: "Vivid E95", model: "Vivid E95", versions: &["203", "204"], os: NO_OS, options: NONE, area: Area::Imaging },
    Fleet { count: 4, class: "Ultrasound", makers: &["GE HealthCare"], name: "Venue Go", model: "Venue Go", versions: &["R2", "R3.3", "R4.3"], os: NO_OS, options: NONE, area: Area::Critical },
    Fleet { count: 2, class: "CT scanner", makers: &["Philips"], name: "Brilliance iCT", model: "Brilliance iCT", versions: &["4.1.6", "4.1.10"], os: NO_OS, options: NONE, area: Area::Imaging },
    Fleet { count: 1, class: "CT scanner", makers: &["Philips"], name: "Brilliance 64", model: "Brilliance 64", versions: &["2.6.2"], os: ("Windows XP", "5.1.2600"), options: NONE, area: Area::Imaging },
    Fleet { count: 2, class: "MRI scanner", makers: &["Philips"], name: "Ingenia MRI 1.5T", model: "MRI 1.5T", versions: &["5.4.1", "11.1"], os: NO_OS, options: NONE, area: Area::Imaging },
    Fleet { count: 1, class: "PET/CT scanner", makers: &["Siemens"], name: "Biograph mCT PET/CT", model: "Biograph mCT", versions: &["VG60A"], os: ("Windows 7", "6.1.7601"), options: NONE, area: Area::Imaging },
    Fleet { count: 1, class: "PET/CT scanner", makers: &["Philips"], name: "Gemini TF 16", model: "882470", versions: &[""], os: NO_OS, options: NONE, area: Area::Imaging },
    Fleet { count: 3, class: "C-arm", makers: &["Philips"], name: "Veradius Unity", model: "718132", versions: &["R2.1"], os: NO_OS, options: &["wireless option", "ViewForum option", ""], area: Area::Theatre },
    Fleet { count: 2, class: "Angiography", makers: &["Siemens Healthineers"], name: "ARTIS pheno", model: "ARTIS pheno", versions: &["VE20B"], os: ("Windows 10 Enterprise LTSC 2019", "10.0.17763.5329"), options: NONE, area: Area::Theatre },
    Fleet { count: 4, class: "X-ray", makers: &["Carestream"], name: "DRX-Revolution", model: "DRX-Revolution", versions: &["5.7"], os: ("Windows 10 Enterprise LTSC 2019", "10.0.17763.4252"), options: NONE, area: Area::Imaging },
    // Laboratory and point of care.
    Fleet { count: 26, class: "Glucose meter", makers: &["Roche", "Roche Diagnostics"], name: "Accu-Chek Inform II", model: "Accu-Chek Inform II", versions: &["03.06.00", "04.03.00", ""], os: NO_OS, options: NONE, area: Area::Ward },
    Fleet { count: 4, class: "Point of care coagulation", makers: &["Roche"], name: "CoaguChek XS Pro", model: "CoaguChek XS Pro", versions: &["03.01.06"], os: NO_OS, options: NONE, area: Area::Clinic },
    Fleet { count: 6, class: "Blood gas analyser", makers: &["Radiometer"], name: "ABL90 FLEX", model: "ABL90 FLEX", versions: &["3.5", "3.6"], os: ("Windows 7 Embedded", "6.1.7601"), options: NONE, area: Area::Critical },
    Fleet { count: 2, class: "Flow cytometer", makers: &["BD Biosciences"], name: "FACSLyric", model: "FACSLyric IVD", versions: &["1.5"], os: ("Windows 10 Pro", "10.0.17763.1"), options: NONE, area: Area::Laboratory },
    Fleet { count: 2, class: "Laboratory analyser", makers: &["BD"], name: "Totalys MultiProcessor", model: "Totalys MultiProcessor", versions: &["1.70", "1.71"], os: NO_OS, options: NONE, area: Area::Laboratory },
    Fleet { count: 2, class: "Sequencer", makers: &["Illumina"], name: "MiSeqDx", model: "MiSeqDx", versions: &["4.0.1"], os: ("Windows 10 IoT Enterprise LTSC 2019", "10.0.17763.4252"), options: NONE, area: Area::Laboratory },
    Fleet { count: 3, class: "Haematology analyser", makers: &["Sysmex"], name: "XN-1000", model: "XN-1000", versions: &["00-22"], os: NO_OS, options: NONE, area: Area::Laboratory },
    // Medication supply.
    Fleet { count: 18, class: "Dispensing cabinet", makers: &["BD", "CareFusion"], name: "Pyxis MedStation ES", model: "Pyxis MedStation ES", versions: &["1.6.1", "1.7.3"], os: ("Windows 7 Embedded", "6.1.7601"), options: NONE, area: Area::Pharmacy },
    Fleet { count: 6, class: "Dispensing cabinet", makers: &["BD"], name: "Pyxis Anesthesia Station ES", model: "Pyxis Anesthesia ES", versions: &["1.6.1", "1.7.3"], os: ("Windows 10 Enterprise LTSC 2019", "10.0.17763.4252"), options: NONE, area: Area::Theatre },
    Fleet { count: 4, class: "Dispensing cabinet", makers: &["CareFusion"], name: "Pyxis MedStation 4000", model: "Pyxis MedStation 4000", versions: &[""], os: ("Windows XP", "5.1.2600"), options: NONE, area: Area::Pharmacy },
    Fleet { count: 3, class: "Dispensing cabinet", makers: &["Omnicell"], name: "Omnicell XT", model: "XT", versions: &["26.1"], os: ("Windows 10 Enterprise LTSC 2019", "10.0.17763.5936"), options: NONE, area: Area::Pharmacy },
    // Intermittent therapy, programmers, beds.
    Fleet { count: 6, class: "Electrosurgery", makers: &["Medtronic", "Covidien"], name: "Valleylab FT10", model: "VLFT10GEN", versions: &["2.0.3", "4.0.1"], os: NO_OS, options: NONE, area: Area::Theatre },
    Fleet { count: 12, class: "Defibrillator", makers: &["ZOLL", "Zoll Medical"], name: "R Series Plus", model: "R Series", versions: &["18.23"], os: NO_OS, options: NONE, area: Area::Ward },
    Fleet { count: 2, class: "Implant programmer", makers: &["Medtronic"], name: "CareLink 2090 Programmer", model: "2090", versions: &[""], os: NO_OS, options: NONE, area: Area::Clinic },
    Fleet { count: 2, class: "Implant programmer", makers: &["Boston Scientific"], name: "ZOOM LATITUDE Programmer/Recorder/Monitor", model: "3120", versions: &["2.04"], os: NO_OS, options: NONE, area: Area::Clinic },
    Fleet { count: 10, class: "Hospital bed", makers: &["Stryker"], name: "InTouch ICU Bed", model: "2131", versions: &["2.4"], os: NO_OS, options: &["iBed Wireless", ""], area: Area::Critical },
    Fleet { count: 8, class: "Hospital bed", makers: &["Stryker Medical"], name: "S3 MedSurg Bed", model: "3005 S3", versions: &[""], os: NO_OS, options: &["iBed Wireless", ""], area: Area::Ward },
    Fleet { count: 1, class: "Linear accelerator", makers: &["Varian"], name: "TrueBeam", model: "TrueBeam", versions: &["2.7"], os: ("Windows 10 Enterprise LTSC 2019", "10.0.17763.5820"), options: NONE, area: Area::Imaging },
    // The building.
    Fleet { count: 8, class: "Pneumatic tube system", makers: &["Swisslog Healthcare", "Swisslog"], name: "Translogic Nexus Control Panel", model: "Nexus Control Panel", versions: &["7.2.5.6", "7.2.5.7"], os: NO_OS, options: NONE, area: Area::Ward },
    Fleet { count: 2, class: "Medical air compressor", makers: &["BeaconMedaes"], name: "TotalAlert Scroll Medical Air System", model: "TotalAlert", versions: &["4107600010.23", "4107600010.24"], os: NO_OS, options: NONE, area: Area::Plant },
    Fleet { count: 6, class: "Building controller", makers: &["Johnson Controls", "JCI"], name: "Metasys NAE55", model: "NAE55", versions: &["11.0.2", "11.0.6", "12.0.3"], os: NO_OS, options: NONE, area: Area::Plant },
    Fleet { count: 10, class: "Building controller", makers: &["Siemens"], name: "APOGEE PXC Series (BACnet)", model: "PXC Compact", versions: &["V3.5.4", "V3.5.5", ""], os: NO_OS, options: NONE, area: Area::Plant },
    Fleet { count: 3, class: "Building controller", makers: &["Tridium"], name: "Niagara 4 Framework", model: "JACE-8000", versions: &["4.4", "4.10"], os: NO_OS, options: NONE, area: Area::Plant },
    Fleet { count: 3, class: "Thermostat", makers: &["Trane"], name: "XL824 Thermostat", model: "XL824", versions: &["5.9.8", "6.0.1"], os: NO_OS, options: NONE, area: Area::Plant },
    Fleet { count: 8, class: "Door controller", makers: &["LenelS2", "HID Mercury"], name: "Mercury access panel", model: "LNL-X2220", versions: &["1.29.1", "1.30.3"], os: NO_OS, options: NONE, area: Area::Plant },
    Fleet { count: 6, class: "Door controller", makers: &["Johnson Controls", "Kantech"], name: "Kantech KT400 Door Controller", model: "KT400 Rev01", versions: &["3.01.16", "3.03"], os: NO_OS, options: NONE, area: Area::Plant },
    Fleet { count: 6, class: "UPS", makers: &["APC", "Schneider Electric"], name: "Smart-UPS", model: "SRT5KXLI", versions: &["UPS 15.0"], os: NO_OS, options: NONE, area: Area::Plant },
    Fleet { count: 6, class: "Refrigerator", makers: &["Helmer"], name: "Medical refrigerator i.Series", model: "iPR125-GX", versions: &["2.1"], os: NO_OS, options: NONE, area: Area::Pharmacy },
    Fleet { count: 6, class: "Serial device server", makers: &["Moxa"], name: "NPort 5110", model: "NPort 5110", versions: &["2.1", "2.10"], os: NO_OS, options: NONE, area: Area::Laboratory },
];

const HEADINGS: &[&str] = &[
    "asset_id",
    "name",
    "manufacturer",
    "model",
    "serial",
    "udi",
    "mac",
    "ip",
    "firmware_version",
    "os",
    "os_version",
    "options",
    "device_class",
    "unit",
    "location",
    "vlan",
    "owner",
    "installed_on",
    "manufactured_on",
    "lifecycle",
    "source_note",
];

/// One entry for each device, for hospitals of any size.
pub(super) fn kinds() -> impl Iterator<Item = Kind> {
    FLEETS.iter().flat_map(|fleet| {
        let kind = Kind {
            class: fleet.class,
            makers: fleet.makers,
            name: fleet.name,
            models: std::slice::from_ref(&fleet.model),
            firmware: fleet.versions,
            systems: std::slice::from_ref(&fleet.os),
            software: ("", ""),
            options: fleet.options,
        };
        (0..fleet.count).map(move |_| kind)
    })
}

/// The export of the CMMS.
pub(super) fn cmms(seed: u64) -> Vec<u8> {
    let mut sheet = Sheet::new(HEADINGS);
    let mut number: u32 = 0;
    for fleet in FLEETS {
        let mut random = Random::of(seed, fleet.name);
        // In turn, so that every version of the table occurs.
        for version in fleet.versions.iter().cycle().take(fleet.count as usize) {
            number += 1;
            device(&mut sheet, fleet, number, version, &mut random);
        }
    }
    pumps_of_one_wireless_module(&mut sheet, number);
    computers_that_it_keeps_too(&mut sheet);
    sheet.into_bytes()
}

fn device(sheet: &mut Sheet, fleet: &Fleet, number: u32, version: &str, random: &mut Random) {
    let (units, vlan, segment) = place(fleet.area);
    let (unit, corridor) = random.pick(units);
    let made_in = random.between(2012, 2023);
    let made = format!("{made_in}-{:02}-{:02}", random.between(1, 12), random.between(1, 28));
    let installed =
        format!("{}-{:02}-{:02}", made_in + 1, random.between(1, 12), random.between(1, 28));
    let serial = format!(
        "{}{:07}",
        random.pick(&["A", "K", "M", "SN", ""]),
        random.between(100_000, 9_999_999)
    );
    let on_the_network = !random.one_in(6);
    sheet.row(&[
        ("asset_id", &format!("CE-{number:05}")),
        ("name", fleet.name),
        ("manufacturer", random.pick(fleet.makers)),
        ("model", fleet.model),
        ("serial", if random.one_in(40) { "UNKNOWN" } else { &serial }),
        ("udi", &if random.one_in(3) { udi(number, &serial) } else { String::new() }),
        ("mac", &if on_the_network { mac(number) } else { String::new() }),
        (
            "ip",
            &if on_the_network && random.one_in(2) { ip(segment, number) } else { String::new() },
        ),
        ("firmware_version", version),
        ("os", fleet.os.0),
        ("os_version", fleet.os.1),
        ("options", random.pick(fleet.options)),
        ("device_class", fleet.class),
        ("unit", unit),
        ("location", &format!("{corridor}-{:02}", random.between(1, 24))),
        ("vlan", if on_the_network { vlan } else { "" }),
        (
            "owner",
            if matches!(fleet.area, Area::Plant) { "Facilities" } else { "Clinical engineering" },
        ),
        ("installed_on", &installed),
        ("manufactured_on", &made),
        ("lifecycle", if random.one_in(30) { "in storage" } else { "active" }),
    ]);
}

/// A blemish: three pumps carry the MAC address of the module that moved between them.
fn pumps_of_one_wireless_module(sheet: &mut Sheet, last: u32) {
    for (number, serial) in (last + 1..).zip(["A7700121", "A7700122", "A7700123"]) {
        sheet.row(&[
            ("asset_id", &format!("CE-{number:05}")),
            ("name", "Alaris PC unit"),
            ("manufacturer", "CareFusion"),
            ("model", "8015"),
            ("serial", serial),
            ("mac", "00:80:92:5a:00:07"),
            ("firmware_version", "9.33.1"),
            ("device_class", "Infusion pump"),
            ("unit", "Loan pool"),
            ("location", "-1-POOL-01"),
            ("owner", "Clinical engineering"),
            ("lifecycle", "active"),
            ("source_note", "wireless module swapped at the last inspection"),
        ]);
    }
}

/// A blemish: computers that IT keeps in its CMDB as well, under numbers of its own.
fn computers_that_it_keeps_too(sheet: &mut Sheet) {
    for shared in super::computers::KEPT_TWICE {
        sheet.row(&[
            ("asset_id", shared.cmms_number),
            ("name", shared.name),
            ("manufacturer", shared.maker),
            ("model", shared.model),
            ("serial", shared.serial),
            ("mac", shared.mac),
            ("os", shared.os.0),
            ("device_class", shared.class),
            ("unit", shared.unit),
            ("owner", "Clinical engineering"),
            ("lifecycle", "active"),
        ]);
    }
}

/// A universally administered address under the prefix of a maker of wireless modules (Silex, 00:80:92).
fn mac(number: u32) -> String {
    format!("00:80:92:{:02x}:{:02x}:{:02x}", number >> 16, (number >> 8) & 0xff, number & 0xff)
}

fn ip(segment: u8, number: u32) -> String {
    format!("10.20.{}.{}", u32::from(segment) + number / 250 % 2, number % 250 + 4)
}

/// A UDI with a GTIN from the prefix that GS1 keeps for demonstrations (952), its check digit right
/// (GS1 General Specifications, section 7.9).
fn udi(number: u32, serial: &str) -> String {
    let digits = format!("0952000{number:06}");
    let sum: u32 = digits
        .chars()
        .zip([3, 1].into_iter().cycle())
        .filter_map(|(digit, weight)| digit.to_digit(10).map(|digit| digit * weight))
        .sum();
    format!("(01){digits}{}(21){serial}", (10 - sum % 10) % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cmms_keeps_about_seven_hundred_devices() {
        let count: u32 = FLEETS.iter().map(|fleet| fleet.count).sum();
        assert!((680..760).contains(&count), "{count}");
    }

    #[test]
    fn a_udi_has_fourteen_digits_and_a_right_check_digit() {
        // Worked by hand: weights 3 and 1 over 0952000000001 give 29, so the check digit is 1.
        assert_eq!(udi(1, "X"), "(01)09520000000011(21)X");
    }
}
