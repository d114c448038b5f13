//! What IT keeps: workstations, printers, cameras, network and servers, as a CMDB exports
//! them, and what a vulnerability scanner reports on some of them.

use super::scale::Kind;
use super::sheet::Sheet;
use crate::random::Random;

/// So many computers of one build.
struct Fleet {
    count: u32,
    class: &'static str,
    maker: &'static str,
    models: &'static [&'static str],
    prefix: &'static str,
    /// Operating system and version, or firmware version for what has none.
    systems: &'static [(&'static str, &'static str)],
    firmware: &'static [&'static str],
    /// Programs, and as many versions, each separated by `;`.
    software: (&'static str, &'static str),
    segment: u8,
    vlan: &'static str,
    /// First three bytes of its MAC addresses: a prefix registered to the maker.
    oui: &'static str,
}

const BLANK: &[&str] = &[""];
const NO_SYSTEM: &[(&str, &str)] = &[("", "")];

#[rustfmt::skip]
const FLEETS: &[Fleet] = &[
    Fleet { count: 92, class: "Workstation", maker: "HP", models: &["EliteDesk 800 G6", "ProDesk 600 G5"], prefix: "WS", systems: &[("Windows 10 Enterprise 22H2", "10.0.19045.4894"), ("Windows 10 Enterprise 22H2", "10.0.19045.5073"), ("Windows 11 Enterprise 23H2", "10.0.22631.4169"), ("Windows 11 Enterprise 23H2", "10.0.22631.4391")], firmware: BLANK, software: ("Mozilla Firefox ESR; Microsoft Office 2019", "128.3.0; 16.0.10414"), segment: 60, vlan: "200-workstations", oui: "3c:d9:2b" },
    Fleet { count: 34, class: "Workstation on wheels", maker: "Ergotron", models: &["StyleView SV44"], prefix: "WOW", systems: &[("Windows 10 Enterprise LTSC 2019", "10.0.17763.6293"), ("Windows 10 Enterprise LTSC 2019", "10.0.17763.5936")], firmware: BLANK, software: ("Mozilla Firefox ESR", "115.16.0"), segment: 62, vlan: "200-workstations", oui: "00:24:d7" },
    Fleet { count: 14, class: "Workstation", maker: "Dell", models: &["OptiPlex 7010"], prefix: "LAB", systems: &[("Windows 7 Professional", "6.1.7601"), ("Windows 7 Professional", "6.1.7601"), ("Windows 10 Pro 22H2", "10.0.19045.5073")], firmware: BLANK, software: ("", ""), segment: 44, vlan: "150-laboratory", oui: "18:66:da" },
    Fleet { count: 3, class: "Workstation", maker: "Dell", models: &["OptiPlex 755"], prefix: "PATH", systems: &[("Windows XP Professional", "5.1.2600")], firmware: BLANK, software: ("", ""), segment: 44, vlan: "150-laboratory", oui: "00:1c:23" },
    Fleet { count: 8, class: "Imaging workstation", maker: "Dell", models: &["Precision 5820"], prefix: "RAD", systems: &[("Windows 10 Enterprise 22H2", "10.0.19045.4894")], firmware: BLANK, software: ("Philips Vue PACS", "12.2.8.300"), segment: 40, vlan: "140-imaging", oui: "18:66:da" },
    Fleet { count: 26, class: "Label printer", maker: "Honeywell", models: &["PM43", "PM23"], prefix: "LBL", systems: NO_SYSTEM, firmware: &["P10.17.019667", "P10.20.050004", ""], software: ("", ""), segment: 70, vlan: "210-printers", oui: "00:10:40" },
    Fleet { count: 22, class: "Printer", maker: "HP", models: &["LaserJet Enterprise M507", "LaserJet Pro M404"], prefix: "PRN", systems: NO_SYSTEM, firmware: &["5.2.1", "2310041", ""], software: ("", ""), segment: 70, vlan: "210-printers", oui: "3c:d9:2b" },
    Fleet { count: 28, class: "Camera", maker: "Hikvision", models: &["DS-2CD2142FWD-I"], prefix: "CAM", systems: NO_SYSTEM, firmware: &["5.4.0 build 160530", "5.4.5 build 170123", ""], software: ("", ""), segment: 80, vlan: "220-cameras", oui: "44:19:b6" },
    Fleet { count: 24, class: "Camera", maker: "Axis Communications", models: &["P3245-LVE", "M3116-LVE"], prefix: "CAX", systems: &[("AXIS OS", "10.12.182"), ("AXIS OS", "11.5.55"), ("AXIS OS", "11.8.61")], firmware: BLANK, software: ("", ""), segment: 80, vlan: "220-cameras", oui: "ac:cc:8e" },
    Fleet { count: 4, class: "Video recorder", maker: "Hikvision", models: &["DS-7604NI-K1 / 4P(B)"], prefix: "NVR", systems: NO_SYSTEM, firmware: &["V4.30.085 build 210930", "V4.31.000 build 230814"], software: ("", ""), segment: 80, vlan: "220-cameras", oui: "44:19:b6" },
    Fleet { count: 20, class: "Switch", maker: "Cisco", models: &["Catalyst 9300-48P"], prefix: "SW", systems: &[("Cisco IOS XE Software", "17.3.4a"), ("Cisco IOS XE Software", "17.9.4a"), ("Cisco IOS XE Software", "17.12.3")], firmware: BLANK, software: ("", ""), segment: 250, vlan: "1-management", oui: "00:1b:54" },
    Fleet { count: 8, class: "Switch", maker: "Cisco", models: &["Catalyst 3750X-24P"], prefix: "SWO", systems: &[("Cisco IOS", "15.2(5)E")], firmware: BLANK, software: ("", ""), segment: 250, vlan: "1-management", oui: "00:1b:54" },
    Fleet { count: 2, class: "Firewall", maker: "Fortinet", models: &["FortiGate 600F"], prefix: "FW", systems: &[("FortiOS", "7.2.4"), ("FortiOS", "7.2.8")], firmware: BLANK, software: ("", ""), segment: 250, vlan: "1-management", oui: "00:09:0f" },
    Fleet { count: 2, class: "VPN gateway", maker: "Cisco", models: &["ASA 5525-X"], prefix: "VPN", systems: &[("Cisco Adaptive Security Appliance (ASA) Software", "9.16.4")], firmware: BLANK, software: ("", ""), segment: 250, vlan: "1-management", oui: "00:1b:54" },
    Fleet { count: 42, class: "IP phone", maker: "Cisco", models: &["CP-8845"], prefix: "SEP", systems: NO_SYSTEM, firmware: &["14.2(1)", "12.8(1)", ""], software: ("", ""), segment: 90, vlan: "230-voice", oui: "00:1b:54" },
];

/// A server, each one different.
pub(super) struct Server {
    pub(super) number: &'static str,
    pub(super) name: &'static str,
    pub(super) os: (&'static str, &'static str),
    pub(super) software: (&'static str, &'static str),
    pub(super) cpe: &'static str,
    pub(super) class: &'static str,
    pub(super) owner: &'static str,
}

const S2008: (&str, &str) = ("Windows Server 2008 R2 Standard", "6.1.7601");
const S2012: (&str, &str) = ("Windows Server 2012 R2 Standard", "6.3.9600");
const S2016: (&str, &str) = ("Windows Server 2016 Standard", "10.0.14393.6796");
const S2019: (&str, &str) = ("Windows Server 2019 Standard", "10.0.17763.5329");
const S2019_CURRENT: (&str, &str) = ("Windows Server 2019 Standard", "10.0.17763.6414");
const S2022: (&str, &str) = ("Windows Server 2022 Standard", "10.0.20348.2461");
const S2022_CURRENT: (&str, &str) = ("Windows Server 2022 Standard", "10.0.20348.2762");
const DEB11: (&str, &str) = ("Debian GNU/Linux 11", "11.10");
const DEB12: (&str, &str) = ("Debian GNU/Linux 12", "12.6");
const RHEL8: (&str, &str) = ("Red Hat Enterprise Linux 8", "8.10");
const RHEL9: (&str, &str) = ("Red Hat Enterprise Linux 9", "9.4");

#[rustfmt::skip]
pub(super) const SERVERS: &[Server] = &[
    // The electronic health record (see `application.rs`).
    Server { number: "CI-40001", name: "ehr-app-01", os: S2019, software: ("", ""), cpe: "", class: "EHR application server", owner: "Clinical applications" },
    Server { number: "CI-40002", name: "ehr-app-02", os: S2022, software: ("", ""), cpe: "", class: "EHR application server", owner: "Clinical applications" },
    Server { number: "CI-40003", name: "ehr-web-01", os: RHEL8, software: ("", ""), cpe: "", class: "EHR web server", owner: "Clinical applications" },
    Server { number: "CI-40004", name: "ehr-web-02", os: RHEL8, software: ("", ""), cpe: "", class: "EHR web server", owner: "Clinical applications" },
    Server { number: "CI-40005", name: "ehr-rpt-01", os: DEB12, software: ("", ""), cpe: "", class: "EHR report server", owner: "Clinical applications" },
    Server { number: "CI-40006", name: "ehr-ref-01", os: RHEL9, software: ("", ""), cpe: "", class: "EHR reference data server", owner: "Clinical applications" },
    Server { number: "CI-40007", name: "ehr-db-01", os: RHEL8, software: ("Oracle Database Server", "19.18"), cpe: "", class: "Database server", owner: "Database team" },
    Server { number: "CI-40008", name: "ehr-if-01", os: DEB11, software: ("NextGen Mirth Connect", "4.3.0"), cpe: "cpe:2.3:a:nextgen:mirth_connect:4.3.0:*:*:*:*:*:*:*", class: "Interface engine", owner: "Integration team" },
    // Clinical systems around it.
    Server { number: "CI-40011", name: "pacs-01", os: S2019, software: ("Philips Vue PACS", "12.2.8.300"), cpe: "cpe:2.3:a:philips:vue_pacs:12.2.8.300:*:*:*:*:*:*:*", class: "PACS", owner: "Imaging informatics" },
    Server { number: "CI-40012", name: "pacs-arc-01", os: S2012, software: ("Philips Vue PACS", "12.2.5"), cpe: "", class: "PACS", owner: "Imaging informatics" },
    Server { number: "CI-40013", name: "xds-01", os: S2016, software: ("ExtremePacs Extreme XDS", "3900"), cpe: "cpe:2.3:a:extremepacs:extreme_xds:3900:*:*:*:*:*:*:*", class: "Document exchange", owner: "Imaging informatics" },
    Server { number: "CI-40014", name: "echopac-01", os: S2016, software: ("GE HealthCare EchoPAC Software Only", "204"), cpe: "", class: "Cardiology information system", owner: "Imaging informatics" },
    Server { number: "CI-40015", name: "lis-01", os: S2016, software: ("BD Synapsys", "4.20"), cpe: "", class: "Laboratory information system", owner: "Laboratory" },
    Server { number: "CI-40016", name: "alaris-sm-01", os: S2016, software: ("BD Alaris Systems Manager", "4.33"), cpe: "", class: "Device gateway", owner: "Clinical engineering" },
    Server { number: "CI-40017", name: "paceart-01", os: S2012, software: ("Medtronic Paceart Optima", "1.11"), cpe: "", class: "Cardiology information system", owner: "Cardiology" },
    Server { number: "CI-40018", name: "defib-01", os: S2016, software: ("ZOLL Defibrillator Dashboard", "2.1"), cpe: "", class: "Device gateway", owner: "Clinical engineering" },
    Server { number: "CI-40019", name: "pyxis-es-01", os: S2016, software: ("BD Pyxis MedStation ES Server", "1.7.3"), cpe: "", class: "Pharmacy server", owner: "Pharmacy" },
    Server { number: "CI-40020", name: "dicom-router-01", os: DEB12, software: ("OFFIS DCMTK", "3.6.6"), cpe: "cpe:2.3:a:offis:dcmtk:3.6.6:*:*:*:*:*:*:*", class: "Image router", owner: "Imaging informatics" },
    Server { number: "CI-40021", name: "if-test-01", os: DEB12, software: ("NextGen Mirth Connect", "4.4.1"), cpe: "cpe:2.3:a:nextgen:mirth_connect:4.4.1:*:*:*:*:*:*:*", class: "Interface engine", owner: "Integration team" },
    Server { number: "CI-40022", name: "fhir-01", os: DEB12, software: ("PostgreSQL; OpenSSH", "15.6; 9.6p1"), cpe: "cpe:2.3:a:postgresql:postgresql:15.6:*:*:*:*:*:*:*", class: "Database server", owner: "Integration team" },
    // General IT.
    Server { number: "CI-40031", name: "dc-01", os: S2019_CURRENT, software: ("", ""), cpe: "", class: "Domain controller", owner: "Platform team" },
    Server { number: "CI-40032", name: "dc-02", os: S2019, software: ("", ""), cpe: "", class: "Domain controller", owner: "Platform team" },
    Server { number: "CI-40033", name: "file-01", os: S2008, software: ("SMB 1.0/CIFS File Sharing Support", "1.0"), cpe: "cpe:2.3:a:microsoft:server_message_block:1.0:*:*:*:*:*:*:*", class: "File server", owner: "Platform team" },
    Server { number: "CI-40034", name: "print-01", os: S2019, software: ("", ""), cpe: "", class: "Print server", owner: "Platform team" },
    Server { number: "CI-40035", name: "vcenter-01", os: ("", ""), software: ("VMware vCenter Server", "8.0 U2d"), cpe: "cpe:2.3:a:vmware:vcenter_server:8.0:update2d:*:*:*:*:*:*", class: "Virtualisation", owner: "Platform team" },
    Server { number: "CI-40036", name: "backup-01", os: S2022_CURRENT, software: ("Veeam Backup & Replication", "12.1.2.172"), cpe: "cpe:2.3:a:veeam:veeam_backup_\\&_replication:12.1.2.172:*:*:*:*:*:*:*", class: "Backup server", owner: "Platform team" },
    Server { number: "CI-40037", name: "helpdesk-01", os: S2019_CURRENT, software: ("SolarWinds Web Help Desk", "12.8.2"), cpe: "cpe:2.3:a:solarwinds:webhelpdesk:12.8.2:*:*:*:*:*:*:*", class: "Application server", owner: "Service desk" },
    Server { number: "CI-40038", name: "wiki-01", os: DEB12, software: ("Atlassian Confluence Data Center", "8.3.2"), cpe: "cpe:2.3:a:atlassian:confluence_data_center:8.3.2:*:*:*:*:*:*:*", class: "Application server", owner: "Service desk" },
    Server { number: "CI-40039", name: "ci-01", os: DEB12, software: ("Jenkins", "2.426.2"), cpe: "cpe:2.3:a:jenkins:jenkins:2.426.2:*:*:*:lts:*:*:*", class: "Build server", owner: "Integration team" },
    Server { number: "CI-40040", name: "transfer-01", os: S2016, software: ("Progress MOVEit Transfer", "2023.0.0"), cpe: "cpe:2.3:a:progress:moveit_transfer:2023.0.0:*:*:*:*:*:*:*", class: "File transfer", owner: "Platform team" },
    Server { number: "CI-40041", name: "portal-01", os: RHEL8, software: ("Apache HTTP Server", "2.4.57"), cpe: "", class: "Patient portal", owner: "Clinical applications" },
    Server { number: "CI-40042", name: "intranet-01", os: S2019, software: ("PHP; Apache HTTP Server", "8.1.27; 2.4.58"), cpe: "", class: "Web server", owner: "Communications" },
    Server { number: "CI-40043", name: "hr-01", os: RHEL8, software: ("Oracle WebLogic Server", "12.2.1.4.0"), cpe: "cpe:2.3:a:oracle:weblogic_server:12.2.1.4.0:*:*:*:*:*:*:*", class: "Application server", owner: "Human resources" },
    Server { number: "CI-40044", name: "sql-01", os: S2019_CURRENT, software: ("Microsoft SQL Server 2019 (GDR)", "15.0.2104.1"), cpe: "", class: "Database server", owner: "Database team" },
    Server { number: "CI-40045", name: "mysql-01", os: DEB12, software: ("Oracle MySQL Server", "8.0.34"), cpe: "cpe:2.3:a:oracle:mysql:8.0.34:*:*:*:*:*:*:*", class: "Database server", owner: "Database team" },
    Server { number: "CI-40046", name: "adc-01", os: ("", ""), software: ("NetScaler ADC", "13.1-49.13"), cpe: "cpe:2.3:a:citrix:netscaler_application_delivery_controller:13.1-49.13:*:*:*:-:*:*:*", class: "Load balancer", owner: "Network team" },
    Server { number: "CI-40047", name: "badge-01", os: S2016, software: ("LenelS2 NetBox", "5.6.1"), cpe: "", class: "Access control", owner: "Security" },
    Server { number: "CI-40048", name: "bms-01", os: S2012, software: ("Automated Logic WebCTRL", "6.5"), cpe: "", class: "Building management", owner: "Facilities" },
    Server { number: "CI-40049", name: "metasys-adx-01", os: S2016, software: ("Johnson Controls Metasys ADX", "11.0.2"), cpe: "", class: "Building management", owner: "Facilities" },
    Server { number: "CI-40050", name: "power-01", os: S2012, software: ("Eaton Intelligent Power Manager", "1.67"), cpe: "", class: "Power management", owner: "Facilities" },
    Server { number: "CI-40051", name: "ups-01", os: S2016, software: ("APC Easy UPS Online Monitoring Software", "2.5-GA-01-22261"), cpe: "", class: "Power management", owner: "Facilities" },
    Server { number: "CI-40052", name: "video-01", os: S2019_CURRENT, software: ("Johnson Controls exacqVision Server", "24.03"), cpe: "", class: "Video server", owner: "Security" },
    Server { number: "CI-40053", name: "iis-old-01", os: ("Windows Server 2003 R2", "5.2.3790"), software: ("Microsoft Internet Information Services", "6.0"), cpe: "cpe:2.3:a:microsoft:internet_information_server:6.0:*:*:*:*:*:*:*", class: "Web server", owner: "" },
    Server { number: "CI-40055", name: "remote-01", os: ("", ""), software: ("Ivanti Connect Secure", "9.1R18"), cpe: "cpe:2.3:a:ivanti:connect_secure:9.1:r18:*:*:*:*:*:*", class: "VPN gateway", owner: "Network team" },
    Server { number: "CI-40054", name: "store-01", os: DEB12, software: ("MinIO", "2023-02-27T18-10-45Z"), cpe: "cpe:2.3:a:minio:minio:2023-02-27t18-10-45z:*:*:*:*:*:*:*", class: "Object store", owner: "Imaging informatics" },
];

/// What clinical engineering and IT both keep, under their own numbers.
pub(super) struct KeptTwice {
    pub(super) cmms_number: &'static str,
    pub(super) cmdb_number: &'static str,
    pub(super) name: &'static str,
    pub(super) maker: &'static str,
    pub(super) model: &'static str,
    pub(super) serial: &'static str,
    pub(super) mac: &'static str,
    pub(super) os: (&'static str, &'static str),
    pub(super) class: &'static str,
    pub(super) unit: &'static str,
}

#[rustfmt::skip]
pub(super) const KEPT_TWICE: &[KeptTwice] = &[
    KeptTwice { cmms_number: "CE-90001", cmdb_number: "CI-50001", name: "Holter analysis workstation", maker: "HP", model: "Z2 G5", serial: "CZC1234ABC", mac: "3c:d9:2b:77:00:01", os: ("Windows 10 Enterprise 22H2", "10.0.19045.4894"), class: "Holter", unit: "Cardiac care" },
    KeptTwice { cmms_number: "CE-90002", cmdb_number: "CI-50002", name: "EEG review station", maker: "Dell", model: "Precision 3630", serial: "7XK2M13", mac: "18:66:da:77:00:02", os: ("Windows 10 Enterprise 22H2", "10.0.19045.5073"), class: "EEG", unit: "Neurology" },
    KeptTwice { cmms_number: "CE-90003", cmdb_number: "CI-50003", name: "Fetal central station", maker: "HP", model: "Z4 G4", serial: "CZC5550XYZ", mac: "3c:d9:2b:77:00:03", os: ("Windows Server 2008 R2", "6.1.7601"), class: "Central station", unit: "Maternity" },
    KeptTwice { cmms_number: "CE-90004", cmdb_number: "CI-50004", name: "Ophthalmology viewer", maker: "HP", model: "EliteDesk 800 G3", serial: "CZC777000A", mac: "3c:d9:2b:77:00:04", os: ("Windows 7 Professional", "6.1.7601"), class: "Imaging workstation", unit: "Outpatients" },
];

const HEADINGS: &[&str] = &[
    "asset_id",
    "host_name",
    "manufacturer",
    "model",
    "serial",
    "mac",
    "ip",
    "os",
    "os_version",
    "software",
    "software_version",
    "firmware_version",
    "cpe",
    "device_class",
    "unit",
    "vlan",
    "owner",
    "managed_by",
    "lifecycle",
];

const DOMAIN: &str = "hospital.example";

/// One entry for each computer, for hospitals of any size.
pub(super) fn kinds() -> impl Iterator<Item = Kind> {
    FLEETS.iter().flat_map(|fleet| {
        let kind = Kind {
            class: fleet.class,
            makers: std::slice::from_ref(&fleet.maker),
            name: "",
            models: fleet.models,
            firmware: fleet.firmware,
            systems: fleet.systems,
            software: fleet.software,
            options: BLANK,
        };
        (0..fleet.count).map(move |_| kind)
    })
}

/// The export of the CMDB.
pub(super) fn cmdb(seed: u64) -> Vec<u8> {
    let mut sheet = Sheet::new(HEADINGS);
    for (base, fleet) in (10_000_u32..).step_by(1000).zip(FLEETS) {
        let mut random = Random::of(seed, fleet.prefix);
        // In turn, so that every system of the table occurs.
        for (number, system) in (1..=fleet.count).zip(fleet.systems.iter().cycle()) {
            computer(&mut sheet, fleet, (base + number, number), *system, &mut random);
        }
    }
    for (index, server) in (11..).zip(SERVERS) {
        server_row(&mut sheet, server, index);
    }
    for kept in KEPT_TWICE {
        sheet.row(&[
            ("asset_id", kept.cmdb_number),
            ("manufacturer", kept.maker),
            ("model", kept.model),
            ("serial", kept.serial),
            ("mac", &kept.mac.to_uppercase().replace(':', "-")),
            ("os", kept.os.0),
            ("os_version", kept.os.1),
            ("device_class", kept.class),
            ("owner", "Service desk"),
            ("lifecycle", "active"),
        ]);
    }
    sheet.into_bytes()
}

fn computer(
    sheet: &mut Sheet,
    fleet: &Fleet,
    (item, number): (u32, u32),
    (os, os_version): (&str, &str),
    random: &mut Random,
) {
    let unit = random.pick(&[
        "Medicine 4 East",
        "Surgery 5 West",
        "Emergency",
        "Radiology",
        "Outpatients",
        "Administration",
        "",
    ]);
    sheet.row(&[
        ("asset_id", &format!("CI-{item:05}")),
        ("host_name", &format!("{}-{number:04}.{DOMAIN}", fleet.prefix.to_lowercase())),
        ("manufacturer", fleet.maker),
        ("model", random.pick(fleet.models)),
        ("serial", &format!("{}{:06}", fleet.prefix, random.between(100_000, 999_999))),
        (
            "mac",
            &format!(
                "{}:{:02x}:{:02x}:{:02x}",
                fleet.oui,
                item >> 16,
                (item >> 8) & 0xff,
                item & 0xff
            ),
        ),
        ("ip", &address(fleet.segment, number)),
        ("os", os),
        ("os_version", if random.one_in(12) { "" } else { os_version }),
        ("software", fleet.software.0),
        ("software_version", fleet.software.1),
        ("firmware_version", random.pick(fleet.firmware)),
        ("device_class", fleet.class),
        ("unit", unit),
        ("vlan", fleet.vlan),
        ("owner", "Service desk"),
        ("lifecycle", if random.one_in(25) { "retired" } else { "active" }),
    ]);
}

fn server_row(sheet: &mut Sheet, server: &Server, index: u32) {
    sheet.row(&[
        ("asset_id", server.number),
        ("host_name", &full_name(server.name)),
        ("ip", &address(100, index)),
        ("mac", &format!("00:50:56:9a:00:{index:02x}")),
        ("os", server.os.0),
        ("os_version", server.os.1),
        ("software", server.software.0),
        ("software_version", server.software.1),
        ("cpe", server.cpe),
        ("device_class", server.class),
        ("unit", "Data centre"),
        ("vlan", "100-servers"),
        ("owner", server.owner),
        ("lifecycle", "active"),
    ]);
}

pub(super) fn full_name(host: &str) -> String {
    format!("{host}.{DOMAIN}")
}

fn address(segment: u8, number: u32) -> String {
    format!("10.20.{}.{}", u32::from(segment) + number / 250, number % 250 + 4)
}

const FINDING_HEADINGS: &[&str] = &[
    "host_name",
    "ip",
    "check",
    "vulnerability",
    "severity",
    "state",
    "title",
    "first_seen",
    "last_seen",
    "evidence",
];

/// What the scanner says of a server: plugin, CVE, severity and words of its own.
struct Finding {
    host: &'static str,
    check: &'static str,
    vulnerability: &'static str,
    severity: &'static str,
    title: &'static str,
    evidence: &'static str,
}

#[rustfmt::skip]
const FINDINGS: &[Finding] = &[
    Finding { host: "ehr-if-01", check: "183201", vulnerability: "CVE-2023-43208", severity: "critical", title: "Mirth Connect below 4.4.1", evidence: "installed version 4.3.0" },
    Finding { host: "if-test-01", check: "183201", vulnerability: "CVE-2023-43208", severity: "critical", title: "Mirth Connect below 4.4.1", evidence: "banner hides the version; reported by precaution" },
    Finding { host: "wiki-01", check: "182680", vulnerability: "CVE-2023-22515", severity: "critical", title: "Confluence access control", evidence: "installed version 8.3.2" },
    Finding { host: "ci-01", check: "189463", vulnerability: "CVE-2024-23897", severity: "critical", title: "Jenkins file read", evidence: "installed version 2.426.2" },
    Finding { host: "file-01", check: "97833", vulnerability: "CVE-2017-0144", severity: "critical", title: "SMBv1 without MS17-010", evidence: "SMBv1 answered" },
    Finding { host: "dc-02", check: "151440", vulnerability: "CVE-2021-34527", severity: "critical", title: "Print spooler", evidence: "spooler service runs" },
    Finding { host: "print-01", check: "151440", vulnerability: "CVE-2021-34527", severity: "critical", title: "Print spooler", evidence: "spooler service runs" },
    Finding { host: "ehr-ref-01", check: "201194", vulnerability: "CVE-2024-6387", severity: "high", title: "OpenSSH below 9.8", evidence: "banner SSH-2.0-OpenSSH_8.7" },
    Finding { host: "ehr-web-01", check: "197838", vulnerability: "CVE-2024-24549", severity: "high", title: "Tomcat below 9.0.86", evidence: "banner Apache Tomcat/9.0.62" },
    Finding { host: "ehr-web-02", check: "197838", vulnerability: "CVE-2024-24549", severity: "high", title: "Tomcat below 9.0.86", evidence: "banner hidden; file version 9.0.87" },
    Finding { host: "transfer-01", check: "176567", vulnerability: "CVE-2023-34362", severity: "critical", title: "MOVEit Transfer", evidence: "installed version 2023.0.0" },
    Finding { host: "store-01", check: "173247", vulnerability: "CVE-2023-28432", severity: "high", title: "MinIO information disclosure", evidence: "release 2023-02-27" },
    Finding { host: "iis-old-01", check: "99523", vulnerability: "CVE-2017-7269", severity: "critical", title: "IIS 6.0 WebDAV", evidence: "WebDAV is enabled" },
    Finding { host: "hr-01", check: "142203", vulnerability: "CVE-2020-14882", severity: "critical", title: "WebLogic console", evidence: "console answered on port 7001" },
    Finding { host: "portal-01", check: "201198", vulnerability: "CVE-2024-38475", severity: "high", title: "Apache HTTP Server below 2.4.60", evidence: "banner Apache/2.4.57" },
    Finding { host: "adc-01", check: "187970", vulnerability: "CVE-2023-6548", severity: "high", title: "NetScaler management", evidence: "build 13.1-49.13" },
    Finding { host: "vcenter-01", check: "207229", vulnerability: "CVE-2024-38812", severity: "critical", title: "vCenter Server", evidence: "build of 8.0 U2d" },
    Finding { host: "backup-01", check: "206722", vulnerability: "CVE-2024-40711", severity: "critical", title: "Veeam Backup", evidence: "build 12.1.2.172" },
    Finding { host: "sql-01", check: "202033", vulnerability: "CVE-2024-21308", severity: "high", title: "SQL Server July 2024", evidence: "15.0.2104.1" },
    Finding { host: "mysql-01", check: "186782", vulnerability: "CVE-2023-22005", severity: "medium", title: "MySQL October 2023", evidence: "8.0.34" },
];

/// An export of the vulnerability scanner.
pub(super) fn findings(seed: u64) -> Vec<u8> {
    let mut random = Random::of(seed, "findings");
    let mut sheet = Sheet::new(FINDING_HEADINGS);
    for finding in FINDINGS {
        let index = (11..).zip(SERVERS).find(|(_, server)| server.name == finding.host);
        sheet.row(&[
            ("host_name", &full_name(finding.host)),
            ("ip", &index.map(|(index, _)| address(100, index)).unwrap_or_default()),
            ("check", finding.check),
            ("vulnerability", finding.vulnerability),
            ("severity", finding.severity),
            ("state", if random.one_in(12) { "accepted" } else { "open" }),
            ("title", finding.title),
            (
                "first_seen",
                &format!("2026-{:02}-{:02}", random.between(2, 7), random.between(1, 28)),
            ),
            ("last_seen", "2026-08-09"),
            ("evidence", finding.evidence),
        ]);
    }
    for number in 1..=40 {
        sheet.row(&[
            ("host_name", &full_name(&format!("ws-{number:04}"))),
            ("ip", &address(60, number)),
            ("check", "208305"),
            ("vulnerability", "CVE-2024-43573"),
            ("severity", "medium"),
            ("state", if number % 9 == 0 { "fixed" } else { "open" }),
            ("title", "Windows October 2024 cumulative update"),
            ("first_seen", "2026-06-02"),
            ("last_seen", "2026-08-09"),
            ("evidence", "registry build below the update"),
        ]);
    }
    sheet.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cmdb_keeps_about_four_hundred_computers() {
        let count: u32 = FLEETS.iter().map(|fleet| fleet.count).sum();
        let all = count as usize + SERVERS.len() + KEPT_TWICE.len();
        assert!((370..450).contains(&all), "{all}");
    }

    #[test]
    fn the_scanner_speaks_of_servers_that_exist() {
        for finding in FINDINGS {
            assert!(SERVERS.iter().any(|it| it.name == finding.host), "{}", finding.host);
        }
    }
}
