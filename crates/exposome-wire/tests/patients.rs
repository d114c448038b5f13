//! Of messages that carry patients nothing is kept but what the allow-lists name: markers in every other place.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails by panic")]

mod packets;

use exposome_model::sighting::{Property, Sighting};
use packets::{connection, datagram, hear};

/// Words that stand where patients are named, in forms in which they are.
const MARKERS: [&str; 6] =
    ["MARKERNAME", "MARKERGIVEN", "MRN-77431", "19700102", "MARKERSTREET", "MARKERNOTE"];

#[track_caller]
fn check(frames: &[Vec<u8>], expected: &[(Property, &str)]) {
    let sightings = hear(frames);
    let everything = format!("{sightings:?}");
    for marker in MARKERS {
        assert!(!everything.contains(marker), "{marker} was kept:\n{everything}");
    }
    let said = said(&sightings);
    for (property, value) in expected {
        let is_said = said.iter().any(|(it, text)| it == property && text == value);
        assert!(is_said, "{} {value} is missing from {said:?}", property.name());
    }
}

fn said(sightings: &[Sighting]) -> Vec<(Property, String)> {
    let observations = sightings.iter().flat_map(|it| &it.observations);
    observations.map(|it| (it.property, it.value.clone())).collect()
}

/// Whole, and in pieces that cut every word.
#[track_caller]
fn check_stream(port: u16, said: &[(bool, &[u8])], expected: &[(Property, &str)]) {
    for segment_bytes in [1400, 7] {
        check(&connection(port, said, segment_bytes), expected);
    }
}

const ORU: &str = "\x0bMSH|^~\\&|MONGW|ICU1|IENGINE|HOSP|20261123121812||ORU^R01^ORU_R01|1|P|2.6\r\
    PID|1|MRN-77431|MRN-77431^^^HOSP^MR||MARKERNAME^MARKERGIVEN||19700102|U|||MARKERSTREET\r\
    NK1|1|MARKERNAME^MARKERGIVEN\r\
    PV1|1|I|ICU1^^Bed4^HOSP||||MARKERNAME^MARKERGIVEN\r\
    OBR|1|MRN-77431|MARKERNAME||||||||||||MARKERNAME\r\
    OBX|1|TX|1^MARKERNOTE||MARKERNOTE|||||F|||||MARKERNAME|MARKERNAME||EXMON-0042^^0004A5FFFE000042^EUI-64\r\
    OBX|2|TX|1^MARKERNOTE||MARKERNOTE|||||F|||||||| MARKERNAME^MARKERGIVEN\r\
    NTE|1||MARKERNOTE\r\
    PRT|1|AD||EQUIP|MARKERNAME^MARKERGIVEN|MARKERNAME||MARKERNAME|MARKERNAME|EXMON-0042^^0004A5FFFE000042^EUI-64|\
    19700102|19700102||ICU1^^Bed4|MARKERSTREET|(01)04049098000024(21)EXMON-0042|||19700102\r\x1c\r";

#[test]
fn of_hl7_only_the_speaker_and_the_device_are_kept() {
    let expected = [
        (Property::Hl7Application, "MONGW"),
        (Property::Hl7Application, "IENGINE"),
        (Property::Serial, "EXMON-0042"),
        (Property::Eui64, "0004A5FFFE000042"),
        (Property::Udi, "04049098000024"),
        (Property::Location, "ICU1/Bed4"),
    ];
    check_stream(2575, &[(true, ORU.as_bytes()), (true, ORU.as_bytes())], &expected);
    check_stream(31_000, &[(true, ORU.as_bytes())], &expected);
}

#[test]
fn a_name_in_a_field_of_names_of_systems_is_not_kept() {
    let swapped = ORU.replace(
        "|MONGW|ICU1|IENGINE|",
        "|MARKERNAME^MARKERGIVEN|MARKERNAME^MARKERGIVEN^^^MR|IENGINE|",
    );
    check_stream(2575, &[(true, swapped.as_bytes())], &[(Property::Hl7Application, "IENGINE")]);
    let long = format!("MARKERNAME {}", "x".repeat(60));
    let swapped = ORU.replace("|MONGW|", &format!("|{long}|"));
    check_stream(2575, &[(true, swapped.as_bytes())], &[(Property::Hl7Application, "IENGINE")]);
}

#[test]
fn a_document_inside_a_message_is_passed_over() {
    let document = "MARKERNAME".repeat(30_000);
    let long = ORU.replace("NTE|1||MARKERNOTE", &format!("NTE|1||{document}"));
    let said = [(true, long.as_bytes()), (true, ORU.as_bytes())];
    check(&connection(2575, &said, 1400), &[(Property::Hl7Application, "MONGW")]);
}

fn element(group: u16, element: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = [group.to_le_bytes(), element.to_le_bytes()].concat();
    bytes.extend(u32::try_from(value.len()).unwrap().to_le_bytes());
    bytes.extend(value);
    bytes
}

fn p_data(control: u8, value: &[u8]) -> Vec<u8> {
    let len = u32::try_from(value.len()).unwrap();
    let head = [&[4, 0][..], &(len + 6).to_be_bytes(), &(len + 2).to_be_bytes(), &[1, control]];
    [&head.concat()[..], value].concat()
}

fn associate(kind: u8) -> Vec<u8> {
    let pad = |text: &str| format!("{text:<16}").into_bytes();
    let item = |kind: u8, value: &[u8]| {
        let len = u16::try_from(value.len()).unwrap().to_be_bytes();
        [&[kind, 0][..], &len, value].concat()
    };
    let syntax = if kind == 1 {
        let parts = [item(0x30, b"1.2.840.10008.5.1.4.1.1.2"), item(0x40, b"1.2.840.10008.1.2")];
        item(0x20, &[&[1, 0, 0, 0][..], &parts.concat()].concat())
    } else {
        item(0x21, &[&[1, 0, 0, 0][..], &item(0x40, b"1.2.840.10008.1.2")].concat())
    };
    let user = [
        item(0x51, &[0, 0, 0x40, 0]),
        item(0x52, b"1.2.826.0.1.3680043.9.3811.3.0.4"),
        item(0x55, b"PYNETDICOM_304"),
        // User identity: a name and a password.
        item(0x58, b"\x02\0\0\x0aMARKERNAME\0\x0bMARKERGIVEN"),
    ];
    let body = [
        &[0, 1, 0, 0][..],
        &pad("LABPACS"),
        &pad("CT01"),
        &[0; 32],
        &item(0x10, b"1.2.840.10008.3.1.1.1"),
        &syntax,
        &item(0x50, &user.concat()),
    ]
    .concat();
    [&[kind, 0][..], &u32::try_from(body.len()).unwrap().to_be_bytes(), &body].concat()
}

#[test]
fn of_an_image_only_the_machine_that_made_it_is_kept() {
    let data_set = [
        element(8, 0x0050, b"MRN-77431 "),
        element(8, 0x0060, b"CT"),
        element(8, 0x0070, b"ExampleMed Lab"),
        element(8, 0x0081, b"MARKERSTREET"),
        element(8, 0x0090, b"MARKERNAME^MARKERGIVEN"),
        element(8, 0x1010, b"CTROOM2 "),
        element(8, 0x1030, b"MARKERNOTE"),
        element(8, 0x1070, b"MARKERNAME^MARKERGIVEN"),
        element(8, 0x1090, b"CTSim 64"),
        element(0x10, 0x0010, b"MARKERNAME^MARKERGIVEN"),
        element(0x10, 0x0020, b"MRN-77431 "),
        element(0x10, 0x0030, b"19700102"),
        element(0x10, 0x1040, b"MARKERSTREET"),
        element(0x18, 0x1000, b"EXCT-0064 "),
        element(0x18, 0x1016, b"MARKERNAME"),
        element(0x18, 0x1020, b"07.02 "),
        element(0x18, 0x1030, b"MARKERNOTE"),
        element(0x20, 0x4000, b"MARKERNOTE"),
    ]
    .concat();
    let command = [
        element(0, 0x0002, b"1.2.840.10008.5.1.4.1.1.2\0"),
        element(0, 0x0100, &[1, 0]),
        element(0, 0x0800, &[1, 0]),
    ]
    .concat();
    let said = [
        (true, associate(1)),
        (false, associate(2)),
        (true, p_data(3, &command)),
        (true, p_data(2, &data_set)),
    ];
    let said: Vec<(bool, &[u8])> = said.iter().map(|(is_client, it)| (*is_client, &**it)).collect();
    let expected = [
        (Property::AeTitle, "CT01"),
        (Property::ImplementationVersion, "PYNETDICOM_304"),
        (Property::Manufacturer, "ExampleMed Lab"),
        (Property::Model, "CTSim 64"),
        (Property::Serial, "EXCT-0064"),
        (Property::SoftwareVersion, "07.02"),
        (Property::SystemName, "CTROOM2"),
    ];
    check_stream(104, &said, &expected);
    check_stream(31_000, &said, &expected);
    // A name where the station's should stand.
    let swapped =
        [element(8, 0x0070, b"Lab"), element(8, 0x1010, b"MARKERNAME^MARKERGIVEN")].concat();
    let said = [
        (true, associate(1)),
        (false, associate(2)),
        (true, p_data(3, &command)),
        (true, p_data(2, &swapped)),
    ];
    let said: Vec<(bool, &[u8])> = said.iter().map(|(is_client, it)| (*is_client, &**it)).collect();
    check_stream(104, &said, &[(Property::AeTitle, "CT01")]);
}

#[test]
fn of_a_laboratorys_message_only_the_header_is_kept() {
    let said: [(bool, &[u8]); 8] = [
        (true, b"\x05"),
        (false, b"\x06"),
        (true, b"\x021H|\\^&|||ExampleMed Lab^ChemSim 8000^EXCH-8001^5.02|MARKERSTREET||||LIS||P|LIS2-A2|20260101\r\x03F7\r\n"),
        (false, b"\x06"),
        (true, b"\x022P|1|MRN-77431|||MARKERNAME^MARKERGIVEN||19700102|F||MARKERSTREET\r\x0366\r\n"),
        (true, b"\x023C|1|L|MARKERNOTE|G\r\x0366\r\n"),
        (true, b"\x024R|1|^^^GLU|MARKERNOTE|mmol/L||N||F||MARKERNAME\r\x0304\r\n"),
        (true, b"\x04"),
    ];
    let expected = [
        (Property::Manufacturer, "ExampleMed Lab"),
        (Property::Model, "ChemSim 8000"),
        (Property::Serial, "EXCH-8001"),
        (Property::Role, "laboratory analyser"),
    ];
    check_stream(15_200, &said, &expected);
}

fn http(head: &str, body: &str) -> String {
    format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn of_a_medical_device_only_its_description_is_kept() {
    let envelope = |action: &str, body: &str| {
        format!(
            "<s:Envelope><s:Header><a:Action>http://standards.ieee.org/downloads/11073/11073-20701-2018/GetService/{action}\
             </a:Action></s:Header><s:Body>{body}</s:Body></s:Envelope>"
        )
    };
    let mdib = "<m:GetMdibResponse><m:Mdib><d:MdDescription><d:Mds SafetyClassification=\"MedC\"><d:MetaData>\
        <d:Manufacturer>ExampleMed Lab</d:Manufacturer><d:ModelName>VentSim 500</d:ModelName>\
        <d:SerialNumber>EXLAB-0007</d:SerialNumber></d:MetaData><d:SystemContext><d:PatientContext/>\
        </d:SystemContext><d:Vmd><d:Type><d:ConceptDescription>MARKERNOTE</d:ConceptDescription></d:Type></d:Vmd></d:Mds>\
        </d:MdDescription><d:MdState><d:State><d:CoreData><d:Givenname>MARKERGIVEN</d:Givenname>\
        <d:Familyname>MARKERNAME</d:Familyname><d:DateOfBirth>19700102</d:DateOfBirth><d:Manufacturer>MARKERNAME\
        </d:Manufacturer></d:CoreData><d:Identification Extension=\"MRN-77431\"/></d:State></d:MdState></m:Mdib>\
        </m:GetMdibResponse>";
    let head = "Content-Type: application/soap+xml";
    let ask =
        http(&format!("POST /dev/Get HTTP/1.1\r\n{head}"), &envelope("GetMdib", "<m:GetMdib/>"));
    let answer = http(&format!("HTTP/1.1 200 OK\r\n{head}"), &envelope("GetMdibResponse", mdib));
    let contexts = http(
        &format!("HTTP/1.1 200 OK\r\n{head}"),
        &envelope("GetContextStatesResponse", "<d:Familyname>MARKERNAME</d:Familyname>"),
    );
    let said = [
        (true, ask.as_bytes()),
        (false, answer.as_bytes()),
        (true, ask.as_bytes()),
        (false, contexts.as_bytes()),
    ];
    let expected = [
        (Property::Manufacturer, "ExampleMed Lab"),
        (Property::Model, "VentSim 500"),
        (Property::Serial, "EXLAB-0007"),
        (Property::SafetyClass, "MedC"),
    ];
    check_stream(40_873, &said, &expected);
    let hello = "<s:Envelope><s:Header><a:Action>http://docs.oasis-open.org/ws-dd/ns/discovery/2009/01/Hello</a:Action>\
        </s:Header><s:Body><d:Hello><a:EndpointReference><a:Address>urn:uuid:5f3c2b1e</a:Address></a:EndpointReference>\
        <d:Scopes>sdc.ctxt.loc:/x?fac=HOSP&amp;bed=Bed4 sdc.ctxt.pat:/MRN-77431 sdc.ctxt.op:/MARKERNAME</d:Scopes></d:Hello>\
        </s:Body></s:Envelope>";
    check(
        &[datagram(3702, 3702, hello.as_bytes())],
        &[(Property::EndpointReference, "5f3c2b1e"), (Property::Location, "HOSP/Bed4")],
    );
}

#[test]
fn of_the_web_no_resource_and_no_title_of_a_chart_is_kept() {
    let patient = r#"{"resourceType":"Patient","name":[{"family":"MARKERNAME"}],"software":{"name":"MARKERNAME"}}"#;
    let page =
        "<html><head><title>MARKERNAME, MARKERGIVEN</title></head><body>SN MRN-77431</body></html>";
    let start = "<html><head><title>PumpSim network module</title></head><body>SN EXPUMP-0032 FW 1.9.3</body></html>";
    let capability = r#"{"resourceType":"CapabilityStatement","contact":[{"name":"MARKERNAME"}],
        "software":{"name":"Example FHIR","version":"4.2"},"rest":[{"documentation":"MARKERNOTE"}]}"#;
    let exchanges = [
        ("/Patient/MRN-77431", "application/fhir+json", patient),
        ("/chart?mrn=MRN-77431", "text/html", page),
        ("/fhir/metadata", "application/fhir+json", capability),
        ("/", "text/html; charset=utf-8", start),
        ("/result.xml", "application/xml", "<Result><Patient>MARKERNAME</Patient></Result>"),
    ];
    let said: Vec<(bool, String)> = exchanges
        .iter()
        .flat_map(|(target, kind, body)| {
            let ask =
                format!("GET {target} HTTP/1.1\r\nHost: 10.0.0.2\r\nCookie: id=MARKERNAME\r\n\r\n");
            [(true, ask), (false, http(&format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}"), body))]
        })
        .collect();
    let said: Vec<(bool, &[u8])> = said.iter().map(|(side, it)| (*side, it.as_bytes())).collect();
    let expected = [
        (Property::Software, "Example FHIR"),
        (Property::SoftwareVersion, "4.2"),
        (Property::HttpTitle, "PumpSim network module"),
        (Property::Serial, "EXPUMP-0032"),
        (Property::Firmware, "1.9.3"),
    ];
    check_stream(80, &said, &expected);
}

#[test]
fn of_a_message_in_a_web_service_only_the_device_is_kept() {
    let message =
        ORU.trim_matches(['\x0b', '\x1c', '\r']).replace('\r', "&#13;").replace("\\&|", "\\&amp;|");
    let body = format!(
        "<s:Envelope><s:Header><a:Action>urn:ihe:pcd:2010:CommunicatePCDData</a:Action></s:Header><s:Body>\
         <CommunicatePCDData>{message}</CommunicatePCDData></s:Body></s:Envelope>"
    );
    let ask = http("POST /pcd HTTP/1.1\r\nContent-Type: application/soap+xml", &body);
    let expected = [(Property::Hl7Application, "MONGW"), (Property::Serial, "EXMON-0042")];
    check_stream(8080, &[(true, ask.as_bytes())], &expected);
}

#[test]
fn of_a_point_of_care_device_only_its_hello_is_kept() {
    let hello = "<HEL.R01><HDR><HDR.control_id V=\"1\"/></HDR><DEV><DEV.device_id V=\"00-04-A5-FF-FE-00-00-42\"/>\
        <DEV.vendor_id V=\"ExampleMed\"/><DEV.model_id V=\"GlucoSim\"/><DEV.serial_id V=\"EXGL-1\"/>\
        <DEV.sw_version V=\"3.1\"/><DCP><DCP.application V=\"MARKERNOTE\"/></DCP></DEV></HEL.R01>";
    let observation = "<OBS.R01><HDR/><PT><PT.patient_id V=\"MRN-77431\"/><PT.name V=\"MARKERNAME\"/></PT>\
        <DEV><DEV.serial_id V=\"MARKERNAME\"/></DEV></OBS.R01>";
    let said = [(true, hello.as_bytes()), (true, observation.as_bytes())];
    let expected = [
        (Property::Manufacturer, "ExampleMed"),
        (Property::Model, "GlucoSim"),
        (Property::Serial, "EXGL-1"),
        (Property::Eui64, "0004A5FFFE000042"),
    ];
    check_stream(3001, &said, &expected);
}
