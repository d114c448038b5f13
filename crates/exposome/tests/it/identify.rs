//! `exposome identify` on real recordings: every identity field that is on the wire, none that is not, beside what
//! tshark and nDPI say of the same file.
//!
//! `cargo test --release -p exposome --test it identify -- --nocapture` prints the
//! figures.  The recordings with their answer key lie beside the project; where
//! they are absent, only the small one in `testdata/captures` is heard.

use crate::command::run;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const OWN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/captures/ward.pcap");
const SHARED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/captures");

/// Test patients of the laboratory, who must be nowhere.
const PATIENTS: [&str; 4] = ["TEST-000", "TEST^", "PATIENT^FOUR", "19700101"];

struct Heard {
    assets: Vec<Value>,
    flows: Vec<Value>,
}

fn identify(path: &Path) -> Heard {
    let said = run(["identify", path.to_str().unwrap(), "--locations", "--json"]);
    for marker in PATIENTS {
        assert!(!said.out.contains(marker), "{marker} of {} was printed", path.display());
        assert!(!said.beside.contains(marker), "{marker} of {} was printed", path.display());
    }
    let objects = said.json();
    said.ok();
    let (assets, flows) = objects.into_iter().partition(|it| it["kind"] == "asset");
    Heard { assets, flows }
}

fn shared() -> Option<PathBuf> {
    let folder = Path::new(SHARED);
    if !folder.is_dir() {
        println!("../shared/captures is absent: only testdata/captures is heard");
    }
    folder.is_dir().then(|| folder.to_owned())
}

impl Heard {
    fn at(&self, ip: &str) -> &Value {
        let is_it = |it: &&Value| {
            it["identifiers"]["ip"].as_array().is_some_and(|it| it.contains(&Value::from(ip)))
        };
        self.assets.iter().find(is_it).unwrap_or_else(|| panic!("nobody is at {ip}"))
    }

    fn behind(&self, ip: &str) -> Vec<&Value> {
        self.assets.iter().filter(|it| it["behind"] == ip).collect()
    }
}

/// All values of a property.
fn values<'a>(asset: &'a Value, property: &str) -> Vec<&'a str> {
    let facts = asset["evidence"].as_array().unwrap().iter();
    facts.filter(|it| it["property"] == property).map(|it| it["value"].as_str().unwrap()).collect()
}

#[test]
fn identify_hears_a_small_ward_on_a_fresh_clone() {
    let heard = identify(Path::new(OWN));
    let ventilator = heard.at("10.77.0.30");
    assert_eq!(ventilator["model"], "VentSim 500");
    assert_eq!(ventilator["serial"], "EXLAB-0007");
    assert_eq!(ventilator["firmware"], "2.4.1");
    assert_eq!(ventilator["category"], "LS");
    let scanner = heard.at("10.77.0.20");
    assert_eq!((&scanner["serial"], &scanner["category"]), (&"EXCT-0064".into(), &"IM-D".into()));
    assert_eq!(heard.behind("10.77.0.31")[0]["serial"], "EXMON-0042");
    let images = heard.flows.iter().find(|it| it["client"] == "10.77.0.20").unwrap();
    assert_eq!((&images["server"], &images["port"]), (&"10.77.0.10".into(), &4242.into()));
    assert_eq!(images["protocols"][0], "dicom");
}

#[test]
fn identify_says_the_same_whoever_listens_and_however_the_file_is_packed() {
    let first = run(["identify", OWN, "--json"]).ok();
    assert_eq!(run(["identify", OWN, "--json"]).ok(), first);
    let folder = tempfile::tempdir().unwrap();
    let packed = folder.path().join("ward.pcap.gz");
    let status = Command::new("gzip").args(["-c", OWN]).output().unwrap();
    fs::write(&packed, status.stdout).unwrap();
    assert_eq!(run(["identify", packed.to_str().unwrap(), "--json"]).ok(), first);
}

#[test]
fn a_capture_that_breaks_off_is_heard_as_far_as_it_goes() {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.pcap");
    let bytes = fs::read(OWN).unwrap();
    fs::write(&cut, &bytes[..bytes.len() - 10]).unwrap();
    let said = run(["identify", cut.to_str().unwrap(), "--json"]);
    assert_eq!(said.code, Some(3));
    assert!(said.beside.contains("breaks off after"), "{}", said.beside);
    assert!(said.json().len() > 10);
    let none = folder.path().join("none.pcap");
    fs::write(&none, "%PDF").unwrap();
    let said = run(["identify", none.to_str().unwrap()]);
    assert_eq!(said.code, Some(1));
    assert!(said.beside.contains("not a capture file"), "{}", said.beside);
}

/// What the document came to.
fn imported(data: &Path, file: &Path, more: &[&str]) -> Value {
    let arguments = ["--data", data.to_str().unwrap(), "import", file.to_str().unwrap(), "--json"];
    let said = run(arguments.iter().chain(more));
    let lines = said.json();
    said.ok();
    assert_eq!(lines.len(), 1);
    lines[0].clone()
}

#[test]
fn an_imported_capture_is_a_record_an_asset_and_given_again_says_nothing_new() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let count = identify(Path::new(OWN)).assets.len();
    let first = imported(&data, Path::new(OWN), &["--source", "mirror port"]);
    assert_eq!(first["format"], "capture");
    assert_eq!((&first["records"], &first["added"]), (&count.into(), &count.into()));
    let again = imported(&data, Path::new(OWN), &["--source", "mirror port"]);
    let counts = ["added", "changed", "unchanged"].map(|it| again[it].as_u64().unwrap());
    assert_eq!(counts, [0, 0, count as u64]);
}

#[test]
fn a_capture_that_breaks_off_is_imported_as_far_as_it_goes_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let cut = folder.path().join("cut.pcap");
    let bytes = fs::read(OWN).unwrap();
    fs::write(&cut, &bytes[..bytes.len() - 10]).unwrap();
    let data = folder.path().join("data");
    let said = run(["--data", data.to_str().unwrap(), "import", cut.to_str().unwrap(), "--json"]);
    assert_eq!(said.code, Some(3), "{}", said.beside);
    assert!(said.beside.contains("breaks off after"), "{}", said.beside);
    assert!(said.json()[0]["added"].as_u64().unwrap() > 5);
    for marker in PATIENTS {
        assert!(!said.out.contains(marker) && !said.beside.contains(marker), "{marker}");
    }
}

/// A flaw of the invented ventilator that was heard, mended after the firmware it says it has.
const FLAW: &str = r#"{
    "dataType": "CVE_RECORD",
    "dataVersion": "5.2",
    "cveMetadata": {
        "cveId": "CVE-2099-7001",
        "assignerOrgId": "00000000-0000-4000-9000-000000000000",
        "assignerShortName": "example",
        "state": "PUBLISHED",
        "datePublished": "2026-01-02T03:04:05.000Z"
    },
    "containers": {
        "cna": {
            "providerMetadata": {
                "orgId": "00000000-0000-4000-9000-000000000000",
                "shortName": "example"
            },
            "descriptions": [{ "lang": "en", "value": "An invented flaw" }],
            "affected": [{
                "vendor": "ExampleMed Lab",
                "product": "VentSim 500",
                "defaultStatus": "unaffected",
                "versions": [
                    { "version": "0", "lessThan": "2.5.0", "status": "affected", "versionType": "custom" }
                ]
            }]
        }
    }
}"#;

#[test]
fn what_was_heard_stands_in_the_worklist_and_joins_what_the_hospital_owns() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let at = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::write(&path, text).unwrap();
        path
    };
    let flaw = at("CVE-2099-7001.json", FLAW);
    run(["--data", data.to_str().unwrap(), "feeds", "load", flaw.to_str().unwrap()]).ok();
    imported(&data, Path::new(OWN), &["--source", "mirror port"]);
    let worklist = || {
        let said = run(["--data", data.to_str().unwrap(), "worklist", "--flat", "--json"]);
        let lines = said.json();
        said.ok();
        lines
    };
    let heard = worklist();
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0]["vulnerability"], "CVE-2099-7001");
    assert_eq!((&heard[0]["verdict"], &heard[0]["category"]), (&"affected".into(), &"LS".into()));
    assert_eq!(heard[0]["gated"], true);
    // The hospital's list knows the number and nothing of the firmware: both speak of one device.
    let owned = at(
        "cmms.csv",
        "asset_id,manufacturer,model,serial,location\nVENT-7,ExampleMed Lab,VentSim 500,EXLAB-0007,ICU 1\n",
    );
    imported(&data, &owned, &["--source", "cmms"]);
    let both = worklist();
    assert_eq!(both.len(), 1, "{both:?}");
    assert_eq!((&both[0]["asset_id"], &both[0]["location"]), (&"VENT-7".into(), &"ICU 1".into()));
}

#[test]
fn a_dry_run_shows_every_byte_for_servers_and_nothing_for_a_ventilator() {
    let said = run(["sensor", "--read", OWN, "--dry-run", "--json"]);
    let rows = said.json();
    assert!(said.beside.contains("nothing was sent"), "{}", said.beside);
    said.ok();
    let heard = identify(Path::new(OWN));
    let of = |ip: &str| {
        let id = heard.at(ip)["id"].clone();
        rows.iter().filter(move |it| it["id"] == id).collect::<Vec<_>>()
    };
    assert!(!of("10.77.0.30").is_empty());
    for row in &rows {
        assert_ne!(row["refused"].is_null(), row["messages"].is_null(), "{row}");
        if ["LS", "TH-C", "TH-I", "MO-C", "BT", "BT-C"].map(Value::from).contains(&row["category"])
            || row["category"].is_null()
        {
            assert!(row["messages"].is_null(), "{row}");
        }
    }
}

/// A fact of the answer key, and the properties that may hold it.
const FACTS: &[(&str, &[&str])] = &[
    ("ae_title", &["ae_title", "called_ae_title"]),
    ("calling_ae_title", &["ae_title"]),
    ("implementation_version", &["implementation_version"]),
    ("implementation_uid", &["implementation_uid"]),
    ("product", &["software"]),
    ("version", &["software_version"]),
    ("manufacturer", &["manufacturer"]),
    ("model", &["model"]),
    ("software_version", &["software_version"]),
    ("serial", &["serial"]),
    ("station_name", &["system_name"]),
    ("modality", &["modality"]),
    ("model_number", &["model_number"]),
    ("firmware", &["firmware"]),
    ("udi_di", &["udi"]),
    ("eui64", &["eui64"]),
    ("friendly_name", &["friendly_name"]),
    ("location", &["location"]),
    ("hl7_sending_application", &["hl7_application"]),
    ("hl7_application", &["hl7_application"]),
    ("hl7_sending_facility", &["hl7_facility"]),
    ("dhcp_hostname", &["host_name"]),
    ("dhcp_vendor_class", &["dhcp_vendor_class"]),
    ("http_title", &["http_title"]),
    ("http_server", &["http_server"]),
    ("ssh_banner", &["ssh_banner"]),
    ("tls_cert_cn", &["certificate_subject"]),
    ("netbios_name", &["netbios_name"]),
    ("workgroup", &["workgroup"]),
    ("sys_descr_contains", &["snmp_description"]),
    ("mdns_name", &["friendly_name"]),
    ("hostname", &["host_name"]),
    ("cups", &["software_version"]),
    ("bacnet_instance", &["bacnet_instance"]),
    ("object_name", &["system_name"]),
    ("vendor", &["manufacturer"]),
    ("vendor_id", &["vendor_id"]),
    ("product_code", &["product_code"]),
    ("product_name", &["product_name"]),
    ("revision", &["firmware"]),
    ("module", &["model"]),
    ("system_name", &["system_name"]),
    ("lldp_system_description", &["description"]),
];

/// What the answer key knows of the machines and nobody said in this recording.
const NOT_ON_THE_WIRE: &[(&str, &str, &str)] = &[(
    "10.77.0.11",
    "implementation_version",
    "the archive waited for a name server and accepted no association (frames 669 and 781 have no answer)",
)];

/// What is on the wire and the answer key leaves out; each was looked up in the recording.
const ALSO_ON_THE_WIRE: &[(&str, &str, &str)] = &[
    ("10.77.0.60", "manufacturer", "Hewlett-Packard"), // usb_MFG in the text record of _ipp._tcp
    ("10.77.0.60", "manufacturer", "HP"),              // concluded from JETDIRECT in sysDescr
    ("10.77.0.60", "model", "HP LaserJet M402dn"),     // ty in the text record of _ipp._tcp
    ("10.77.0.70", "software_version", "4.1"),         // application-software-version, frame 1023
    ("10.77.0.42", "manufacturer", "ExampleMed Lab"),  // the parts of astm_header_sender
    ("10.77.0.42", "model", "ChemSim 8000"),
    ("10.77.0.42", "serial", "EXCH-8001"),
    ("10.77.0.42", "software_version", "5.02"),
];

/// Fields in which nothing may be invented.
const IDENTITY: &[&str] = &["manufacturer", "model", "serial", "firmware", "udi", "eui64"];

fn expected_values(name: &str, value: &Value) -> Vec<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match name {
        "astm_header_sender" => text.split('^').map(str::to_owned).collect(),
        "vendor_id" => vec![format!("bacnet {text}")],
        _ => vec![text],
    }
}

/// How many of the expected values of a field were found, of how many.
type Recall = BTreeMap<String, (usize, usize)>;

#[test]
fn identify_finds_all_assets_of_the_laboratory_with_every_field_on_the_wire() {
    let Some(folder) = shared() else { return };
    let capture = folder.join("lab-hospital-a.pcap");
    let key = fs::read_to_string(folder.join("lab-hospital-a.expected.json")).unwrap();
    let key: Value = serde_json::from_str(&key).unwrap();
    let heard = identify(&capture);
    let expected = key["assets"].as_array().unwrap();
    assert_eq!(expected.len(), 20);
    let tools = [tshark(&capture), ndpi(&capture)];
    let mut ours = Recall::new();
    let mut theirs = [Recall::new(), Recall::new()];
    let mut wrong = Vec::new();
    let mut matched = BTreeSet::new();
    let mut extras: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for answer in expected {
        let asset = match answer["ip"].as_str() {
            Some(ip) => heard.at(ip),
            None => heard.behind(answer["seen_behind"].as_str().unwrap())[0],
        };
        let ip = answer["ip"].as_str().unwrap_or("behind");
        matched.insert(asset["id"].as_str().unwrap());
        let mut known: Vec<String> = Vec::new();
        for (name, value) in answer["facts"].as_object().into_iter().flatten() {
            let wanted = expected_values(name, value);
            known.extend(wanted.iter().cloned());
            let properties: &[&str] = match name.as_str() {
                "astm_header_sender" => &["manufacturer", "model", "serial", "software_version"],
                // Said of the recording, checked below.
                "evidence"
                | "pitfall"
                | "fhir_resource"
                | "user_agent_says"
                | "locally_administered_mac" => continue,
                name => match FACTS.iter().find(|(it, _)| *it == name) {
                    Some((_, properties)) => properties,
                    None => panic!("the answer key names {name}, which this test does not know"),
                },
            };
            if NOT_ON_THE_WIRE.iter().any(|(at, of, _)| *at == ip && of == name) {
                continue;
            }
            let said: Vec<&str> = properties.iter().flat_map(|it| values(asset, it)).collect();
            for text in wanted {
                let counted = ours.entry(name.clone()).or_default();
                counted.1 += 1;
                if said.iter().any(|it| *it == text || (it.contains(&text) && text.len() > 3)) {
                    counted.0 += 1;
                } else {
                    wrong.push(format!("{ip}: {name} {text:?} is missing, there is {said:?}"));
                }
                for (recall, tool) in theirs.iter_mut().zip(&tools) {
                    let counted = recall.entry(name.clone()).or_default();
                    counted.1 += 1;
                    let address = answer["ip"].as_str().or(answer["seen_behind"].as_str());
                    counted.0 += usize::from(tool.says(address.unwrap(), &text));
                }
            }
        }
        if let Some(maker) = answer["oui_vendor"].as_str() {
            let word = maker.split([' ', '.']).next().unwrap().to_lowercase();
            let said = values(asset, "card_maker");
            let counted = ours.entry("oui_vendor".to_owned()).or_default();
            counted.1 += 1;
            let begins = word.get(..4).unwrap_or(&word);
            let plain = |it: &str| it.to_lowercase().replace('.', "").replace('ä', "ae");
            if said.iter().any(|it| plain(it).contains(begins)) {
                counted.0 += 1;
            } else {
                wrong.push(format!("{ip}: the card's maker {maker} is missing, there is {said:?}"));
            }
        }
        wrong.extend(services(ip, answer, asset, &mut ours));
        wrong.extend(category(ip, answer, asset, &mut ours));
        for property in IDENTITY {
            for value in values(asset, property) {
                let counted = extras.entry(property).or_default();
                counted.1 += 1;
                let is_expected = known.iter().any(|it| it == value)
                    || ALSO_ON_THE_WIRE.contains(&(ip, property, value));
                if is_expected {
                    counted.0 += 1;
                } else {
                    wrong.push(format!("{ip}: {property} {value:?} is invented"));
                }
            }
        }
    }
    for asset in &heard.assets {
        if !matched.contains(asset["id"].as_str().unwrap()) {
            wrong.push(format!("{} is nobody's", asset["id"]));
        }
    }
    assert_eq!(values(heard.at("10.77.0.200"), "manufacturer"), Vec::<&str>::new());
    let workstation = heard.at("10.77.0.159");
    let conflicts = workstation["conflicts"].as_array().unwrap();
    assert!(
        conflicts.iter().any(|it| it["property"] == "operating_system"),
        "a forged user agent against what its SSH says: {conflicts:?}"
    );
    print_figures(&heard, &ours, &theirs, &extras, &tools);
    assert!(wrong.is_empty(), "{} misses:\n{}", wrong.len(), wrong.join("\n"));
}

/// Services of the key, as `dicom/4242`, that have one name with us.
fn services(ip: &str, answer: &Value, asset: &Value, recall: &mut Recall) -> Vec<String> {
    let mut wrong = Vec::new();
    let said = values(asset, "serves");
    for service in answer["services"].as_array().into_iter().flatten() {
        let service = service.as_str().unwrap();
        let Some((name, port)) = service.split_once('/') else { continue };
        let name = match name {
            "hl7-mllp" => "hl7",
            "astm-e1394" => "astm",
            "s7comm" => "s7",
            "https" => "tls",
            "ipp" => "http",
            // `sdc/http ephemeral port`.
            "sdc" => "sdc",
            name => name,
        };
        let begins = match port.parse::<u16>() {
            Ok(_) => format!("{name} "),
            Err(_) => format!("{name} tcp/"),
        };
        let ends = port.parse::<u16>().map_or(String::new(), |port| format!("/{port}"));
        let counted = recall.entry("service".to_owned()).or_default();
        counted.1 += 1;
        if said.iter().any(|it| it.starts_with(&begins) && it.ends_with(&ends)) {
            counted.0 += 1;
        } else {
            wrong.push(format!("{ip}: {service} is missing, there is {said:?}"));
        }
    }
    wrong
}

/// The function category that fits the key's role; a controller of which nobody knows what it controls has none.
fn category(ip: &str, answer: &Value, asset: &Value, recall: &mut Recall) -> Vec<String> {
    let class = answer["class"].as_str().unwrap_or_default();
    let expected = match (answer["role"].as_str().unwrap(), class) {
        (_, "ventilator") => "LS",
        (_, "infusion pump") => "TH-C",
        (_, "CT") => "IM-D",
        (_, "medical gas alarm") => "BT-C",
        ("imaging-archive", "PACS/DICOM server")
        | ("integration-engine" | "lab-information-system" | "ehr-server", _) => "CI",
        ("lab-analyser", _) => "LA",
        ("network" | "it-server" | "printer", _) => "IT",
        ("building-controller", _) => "BT",
        // An archive and a modality that say nothing of themselves, a monitor of which only numbers are told, a
        // controller of anything, a workstation, whoever asks; and who speaks for one device, which may be itself.
        _ => return Vec::new(),
    };
    let counted = recall.entry("category".to_owned()).or_default();
    counted.1 += 1;
    if asset["category"] == expected {
        counted.0 += 1;
        Vec::new()
    } else {
        vec![format!("{ip}: category {expected} expected, there is {}", asset["category"])]
    }
}

/// What another tool prints of a capture: lines, each with the addresses it is about.
struct Tool {
    name: &'static str,
    lines: Option<Vec<String>>,
}

impl Tool {
    /// Whether a line about this address holds the text.
    fn says(&self, address: &str, text: &str) -> bool {
        let lines = self.lines.iter().flatten();
        lines.clone().any(|line| {
            let is_about = line
                .split(|it: char| !(it.is_ascii_digit() || it == '.'))
                .any(|word| word == address);
            is_about && line.contains(text)
        })
    }
}

/// The identity fields that tshark knows, a line a packet.
fn tshark(capture: &Path) -> Tool {
    const FIELDS: [&str; 56] = [
        "ip.src",
        "ip.dst",
        "eth.src",
        "dicom.assoc.called.ae",
        "dicom.assoc.calling.ae",
        "dicom.assoc.ae.called",
        "dicom.assoc.ae.calling",
        "dicom.userinfo.uid",
        "dicom.userinfo.version",
        "dicom.tag.value.str",
        "hl7.msh.3",
        "hl7.field",
        "xml.cdata",
        "http.server",
        "http.user_agent",
        "http.host",
        "http.file_data",
        "data-text-lines",
        "dhcp.option.hostname",
        "dhcp.option.vendor_class_id",
        "dns.resp.name",
        "dns.ptr.domain_name",
        "dns.txt",
        "mdns.txt",
        "lldp.tlv.system.name",
        "lldp.tlv.system.desc",
        "cdp.deviceid",
        "nbns.name",
        "browser.server",
        "ntlmssp.challenge.target_name",
        "ntlmssp.auth.hostname",
        "smb.native_os",
        "snmp.value.octets",
        "snmp.value.oid",
        "ssh.protocol",
        "tls.handshake.extensions_server_name",
        "x509sat.printableString",
        "x509sat.uTF8String",
        "x509sat.uTF8String",
        "modbus.object_str_value",
        "bacapp.vendor_identifier",
        "bacapp.object_name",
        "bacapp.string_character_set",
        "bacapp.instance_number",
        "s7comm.szl.001c.0001.name",
        "s7comm.szl.001c.0002.name",
        "s7comm.szl.001c.0005.serialn",
        "s7comm.szl.xy11.0001.anz",
        "mqtt.clientid",
        "ldap.vendorName",
        "json.value.string",
        "json.member",
        "json.key",
        "_ws.col.Protocol",
        "_ws.col.Info",
        "text",
    ];
    let known = Command::new("tshark").args(["-G", "fields"]).output();
    let lines = known.ok().filter(|it| it.status.success()).map(|known| {
        let known = String::from_utf8_lossy(&known.stdout).into_owned();
        let names: BTreeSet<&str> = known.lines().filter_map(|it| it.split('\t').nth(2)).collect();
        let mut command = Command::new("tshark");
        command.arg("-r").arg(capture).args(["-T", "fields", "-E", "occurrence=a"]);
        let fields = FIELDS.iter().filter(|it| names.contains(**it) || it.starts_with("_ws"));
        for field in fields {
            command.args(["-e", field]);
        }
        let output = command.output().unwrap();
        String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect()
    });
    Tool { name: "tshark", lines }
}

/// What nDPI's reader says of each flow.
fn ndpi(capture: &Path) -> Tool {
    let output = Command::new("ndpiReader").arg("-i").arg(capture).args(["-v", "2"]).output();
    let lines = output
        .ok()
        .filter(|it| it.status.success())
        .map(|output| String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect());
    Tool { name: "nDPI", lines }
}

fn print_figures(
    heard: &Heard,
    ours: &Recall,
    theirs: &[Recall; 2],
    extras: &BTreeMap<&str, (usize, usize)>,
    tools: &[Tool; 2],
) {
    println!(
        "identify: assets of 20\t{}\tassets\t>= 20\t{}",
        heard.assets.len(),
        verdict(heard.assets.len() == 20)
    );
    let total = |recall: &Recall| {
        let of = |field: fn(&(usize, usize)) -> usize| recall.values().map(field).sum::<usize>();
        (of(|it| it.0), of(|it| it.1))
    };
    let share = |(found, of): (usize, usize)| found as f64 / of.max(1) as f64;
    let all = total(ours);
    println!(
        "identify: recall, all {} values\t{:.3}\tshare\t>= 1\t{}",
        all.1,
        share(all),
        verdict(all.0 == all.1)
    );
    for (tool, recall) in tools.iter().zip(theirs) {
        let name = tool.name;
        if tool.lines.is_none() {
            println!("identify: recall, {name}\t-\tshare\t-\tnot run: it is not installed");
            continue;
        }
        let all = total(recall);
        println!(
            "identify: recall, {name} on {} of these values\t{:.3}\tshare\t-\t-",
            all.1,
            share(all)
        );
    }
    for (field, counted) in ours {
        let beside: Vec<String> = tools
            .iter()
            .zip(theirs)
            .filter_map(|(tool, recall)| {
                tool.lines.as_ref()?;
                Some(format!("{} {:.2}", tool.name, share(*recall.get(field)?)))
            })
            .collect();
        let beside =
            if beside.is_empty() { String::new() } else { format!(" ({})", beside.join(", ")) };
        println!(
            "identify: recall of {field}, {} values{beside}\t{:.2}\tshare\t>= 1\t{}",
            counted.1,
            share(*counted),
            verdict(counted.0 == counted.1)
        );
    }
    for (field, counted) in extras {
        println!(
            "identify: precision of {field}, {} values\t{:.2}\tshare\t>= 1\t{}",
            counted.1,
            share(*counted),
            verdict(counted.0 == counted.1)
        );
    }
}

fn verdict(is_met: bool) -> &'static str {
    if is_met { "met" } else { "missed" }
}

/// What the README of the captures asks for in words, file by file.
#[test]
fn identify_says_of_each_capture_what_its_readme_asks_in_words() {
    let Some(folder) = shared() else { return };
    let readme = fs::read_to_string(folder.join("README.md")).unwrap();
    let mut file = "";
    let mut asked = BTreeSet::new();
    for line in readme.lines() {
        if let Some(name) = line.strip_prefix("### ") {
            file = name;
        } else if line.starts_with("- expect:") {
            asked.insert(file);
        }
    }
    let answered: BTreeSet<&str> = EXPECTED.iter().map(|(file, _)| *file).collect();
    assert_eq!(asked, answered, "each sentence of the README has its check here");
    for (file, check) in EXPECTED {
        println!("{file}");
        check(&identify(&folder.join(file)));
    }
}

type Check = fn(&Heard);

const EXPECTED: &[(&str, Check)] = &[
    ("ndpi--ethernetIP.pcap", |heard| {
        // Tag traffic of Logix controllers: a role, and no identity.
        let plcs = heard.assets.iter().filter(|it| roles(it).contains(&"plc".to_owned())).count();
        assert!(plcs > 0);
        for asset in &heard.assets {
            assert_eq!((&asset["model"], &asset["serial"]), (&Value::Null, &Value::Null));
        }
    }),
    ("ndpi--upnp.pcap", |heard| {
        let asset = &heard.assets[0];
        assert_eq!(heard.assets.len(), 1);
        assert!(has(&asset["protocols"], "wsd") && !has(&asset["protocols"], "ssdp"));
        // The README calls it a probe for a printer; all 14 messages are Resolve, by an address and without a type.
        assert!(values(asset, "looks_for").is_empty());
    }),
    ("ndpi--rdp.pcap", |heard| {
        // The README has a 0 more: it is the tag of what follows the name, whose length is 15.
        let server = one(heard, "certificate_subject", "CN=OFFICE-WIN10-VM");
        assert!(has(&server["names"], "OFFICE-WIN10-VM"));
        assert!(server["operating_system"].as_str().unwrap().contains("Windows 10"));
    }),
    ("zeek--lldp.pcap", |heard| {
        let switch = heard.assets.first().unwrap();
        assert_eq!(switch["maker"], "SMC Networks");
        assert_eq!(
            (&switch["model"], &switch["firmware"]),
            (&"SMCGS8P-Smart".into(), &"3.20".into())
        );
        assert_eq!(switch["category"], "IT");
    }),
    ("zeek--nmap-vsn.pcap", |heard| {
        // The scanner and those who answered, not 250 addresses that were asked for.
        assert!(heard.assets.len() <= 6, "{} assets", heard.assets.len());
        assert!(heard.assets.len() >= 2);
    }),
    ("ics-security-tools--fox-fox_info.pcap", |heard| {
        // The README has the two versions the wrong way round: the station's own hello says 3.5.41.1.
        let station = one(heard, "role", "building supervisor");
        assert_eq!(station["maker"], "vykon");
        assert!(values(station, "software").contains(&"Niagara Station 3.5.41.1"));
        one(heard, "software", "Niagara Workbench 3.7.44");
        assert_eq!(station["category"], "BT");
    }),
    ("ics-security-tools--omron-omron_test.pcap", |heard| {
        let plc = one(heard, "model", "CP1L-EL20DR-D");
        assert_eq!(plc["firmware"], "01.00");
    }),
    ("tapirx--HL7-ADT-UDI-OBX.pcap", |heard| {
        let behind = heard.behind("10.0.0.155");
        assert_eq!(behind.len(), 1);
        assert_eq!(
            (&behind[0]["maker"], &behind[0]["model"]),
            (&"Hospira".into(), &"Plum A+".into())
        );
        assert_eq!(behind[0]["category"], "TH-C");
        assert!(has(&heard.at("10.0.0.126")["services"], "hl7 tcp/6661"));
    }),
    ("tapirx--HL7-ADT.pcap", |heard| {
        assert_eq!(heard.assets.len(), 2, "no device is invented");
        for asset in &heard.assets {
            assert_eq!(asset["model"], Value::Null);
        }
    }),
    ("tapirx--HL7-ORM.pcap", |heard| {
        assert_eq!(heard.assets.len(), 2, "no device is invented");
        let sender = heard.at("10.0.0.155");
        assert!(values(sender, "hl7_application").contains(&"SendingApp"));
        assert!(values(sender, "hl7_facility").contains(&"SendingFac"));
    }),
    ("tapirx--dicom_arq_1_find_testclient.pcap", |heard| query_client(heard)),
    ("tapirx--dicom_arq_2_get_testclient.pcap", |heard| query_client(heard)),
];

/// A client that asks for images, and no modality; on a loopback, so without a card.
fn query_client(heard: &Heard) {
    let client = heard.at("127.0.0.1");
    assert_eq!(values(client, "implementation_version"), ["GODICOM_1_1"]);
    assert!(values(client, "imaging_role").contains(&"asks for images"));
    assert!(
        !values(client, "imaging_role")
            .iter()
            .any(|it| it.ends_with(" images") && it.starts_with("offers"))
    );
    assert_eq!(client["identifiers"].get("mac"), None);
    assert_eq!((&client["model"], &client["category"]), (&Value::Null, &Value::Null));
}

fn roles(asset: &Value) -> Vec<String> {
    asset["roles"].as_array().unwrap().iter().map(|it| it.as_str().unwrap().to_owned()).collect()
}

fn has(list: &Value, text: &str) -> bool {
    list.as_array().unwrap().contains(&Value::from(text))
}

/// The one asset that says so.
fn one<'a>(heard: &'a Heard, property: &str, value: &str) -> &'a Value {
    let found: Vec<&Value> =
        heard.assets.iter().filter(|it| values(it, property).contains(&value)).collect();
    assert_eq!(found.len(), 1, "{property} {value}");
    found[0]
}
