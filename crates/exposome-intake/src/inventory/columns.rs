//! Which column of a table says what: a map that a person can read, save and change.
//!
//! Every CMMS and CMDB names its columns in its own way.  A heading that is one
//! of our own names, or one of the usual headings in [`HEADINGS`], is understood
//! without help; a [`ColumnMap`] says the rest.  The map that a reading went by
//! is given back with it, to be shown and saved.

use super::values::{DateOrder, squash};
use exposome_model::inventory::Attribute;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::BTreeMap;

/// How to read a table: a TOML document such as
///
/// ```toml
/// separator = ";"
/// date_order = "day_month"
/// [columns]
/// "Equipment ID" = "asset_id"
/// "Cost centre" = "ignored"
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ColumnMap {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// Heading as the document writes it, and what the column says.
    pub columns: BTreeMap<String, Field>,
    /// Headings of the document of which nothing was made; a map that is read names none.
    #[serde(skip)]
    pub unknown: Vec<String>,
}

impl ColumnMap {
    pub fn from_toml(text: &str) -> Result<ColumnMap, MapError> {
        toml::from_str(text).map_err(|error| MapError { message: error.to_string() })
    }

    pub fn to_toml(&self) -> String {
        // A map of texts to names always has a TOML form.
        toml::to_string(self).unwrap_or_default()
    }

    /// What the person's map says of a heading; letter case and blanks around do not matter.
    fn named(&self, heading: &str) -> Option<Field> {
        let same =
            |(named, _): &(&String, &Field)| named.trim().eq_ignore_ascii_case(heading.trim());
        self.columns.get(heading).or_else(|| self.columns.iter().find(same).map(|it| it.1)).copied()
    }
}

/// A column map that is not one.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a column map: {message}")]
pub struct MapError {
    /// The place in the map and what was expected there.
    pub message: String,
}

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// What a column says: an attribute of the subject, a part of a component, of a finding or of a relation.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Field { Attribute(Attribute), $($(#[$doc])* $variant,)* }

        impl Field {
            /// Every field that is not an attribute.
            pub const OTHERS: &[Field] = &[$(Field::$variant,)*];

            /// The heading that needs no map, and the word in a column map.
            pub fn name(self) -> &'static str {
                match self { Field::Attribute(attribute) => attribute.name(), $(Field::$variant => $name,)* }
            }

            pub fn from_name(name: &str) -> Option<Field> {
                match name { $($name => Some(Field::$variant),)* _ => Attribute::from_name(name).map(Field::Attribute) }
            }
        }
    };
}

fields! {
    Site = "site",
    Software = "software",
    SoftwareVersion = "software_version",
    SoftwareVendor = "software_vendor",
    FirmwareVersion = "firmware_version",
    Os = "os",
    OsVersion = "os_version",
    Cpe = "cpe",
    Purl = "purl",
    Options = "options",
    /// A CVE id, or several.
    Vulnerability = "vulnerability",
    /// The scanner's own number of the check.
    Check = "check",
    /// Whether a finding is open, fixed or suppressed.
    State = "state",
    Severity = "severity",
    Title = "title",
    FirstSeen = "first_seen",
    LastSeen = "last_seen",
    Evidence = "evidence",
    /// Of a relation between two things: the one it goes from, its kind, the one it goes to.
    Parent = "parent",
    Relation = "relation",
    Child = "child",
    /// Known and not wanted: no complaint.
    Ignored = "ignored",
}

impl Field {
    /// Whether several columns, or several values in one cell, may say it.
    pub(crate) fn is_list(self) -> bool {
        matches!(
            self,
            Field::Attribute(
                A::Mac
                    | A::Ip
                    | A::SourceNote
                    | A::DataClass
                    | A::Feeds
                    | A::ReachableBy
                    | A::Control
            ) | Field::Cpe
                | Field::Purl
                | Field::Options
                | Field::Vulnerability
                | Field::Evidence
                | Field::Ignored
        )
    }

    /// Whether line ends in a value part or belong to it.
    pub(crate) fn may_hold_lines(self) -> bool {
        self.is_list() || self == Field::Software || self == Field::SoftwareVersion
    }

    /// Whether it tells who the subject is.
    fn names_a_subject(self) -> bool {
        matches!(
            self,
            Field::Attribute(
                A::AssetId
                    | A::Name
                    | A::Serial
                    | A::Udi
                    | A::Mac
                    | A::Ip
                    | A::HostName
                    | A::Subnet
            ) | Field::Parent
                | Field::Child
        )
    }
}

impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Field, D::Error> {
        let name = String::deserialize(deserializer)?;
        Field::from_name(&name).ok_or_else(|| {
            let others = Field::OTHERS.iter().map(|it| it.name());
            let known: Vec<_> = Attribute::ALL.iter().map(|it| it.name()).chain(others).collect();
            serde::de::Error::custom(format!("{name:?} is not one of {}", known.join(", ")))
        })
    }
}

/// One column of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) heading: String,
    pub(crate) field: Option<Field>,
    /// An earlier column already says what this one would.
    pub(crate) doubles: bool,
}

/// What the columns under these headings say, by the person's map first.
pub(crate) fn columns(headings: &[String], map: &ColumnMap) -> Vec<Column> {
    let mut fields: Vec<Option<Field>> =
        headings.iter().map(|it| map.named(it).or_else(|| guess(it))).collect();
    if are_of_installed_programs(headings, &fields) {
        for (heading, field) in headings.iter().zip(&mut fields) {
            let of_a_program = OF_PROGRAMS.iter().find(|(it, _)| *it == squash(heading));
            if let Some((_, of_a_program)) = of_a_program.filter(|_| map.named(heading).is_none()) {
                *field = Some(*of_a_program);
            }
        }
    }
    for (heading, wanted) in headings.iter().zip(0..) {
        let squashed = squash(heading);
        let depends = DEPENDING.iter().filter(|(it, ..)| *it == squashed);
        for (_, condition, field) in depends {
            let undecided =
                fields.get(wanted).is_some_and(Option::is_none) && map.named(heading).is_none();
            let taken = fields.iter().flatten().any(|it| it == field);
            if undecided
                && !taken
                && condition.holds(&fields)
                && let Some(slot) = fields.get_mut(wanted)
            {
                *slot = Some(*field);
            }
        }
    }
    let mut seen: Vec<Field> = Vec::new();
    let mut columns = Vec::with_capacity(headings.len());
    for (heading, field) in headings.iter().zip(fields) {
        let doubles = field.is_some_and(|it| !it.is_list() && seen.contains(&it));
        seen.extend(field);
        columns.push(Column {
            heading: heading.clone(),
            field: field.filter(|_| !doubles),
            doubles,
        });
    }
    columns
}

/// Whether `Name` is a program's: its version and its vendor stand beside it, and of a device there is no more than
/// the computer's name.  So Windows lists what its installer has put there (class `Win32_Product`).
fn are_of_installed_programs(headings: &[String], fields: &[Option<Field>]) -> bool {
    let is_headed = |wanted: &str| headings.iter().any(|it| squash(it) == wanted);
    let is_of_a_device = |field: &Field| {
        *field == Field::Software
            || matches!(
                field,
                Field::Attribute(
                    A::AssetId | A::Model | A::Manufacturer | A::Serial | A::Udi | A::Mac | A::Ip
                )
            )
    };
    is_headed("name")
        && is_headed("version")
        && (is_headed("vendor") || is_headed("publisher"))
        && !fields.iter().flatten().any(is_of_a_device)
}

const OF_PROGRAMS: &[(&str, Field)] = &[
    ("name", Field::Software),
    ("version", Field::SoftwareVersion),
    ("vendor", Field::SoftwareVendor),
    ("node", of(A::HostName)),
    ("identifyingnumber", Field::Ignored),
    ("installdate", Field::Ignored),
];

/// Whether a row is a heading: it names the subject and at least one thing more, or
/// programs with their versions (the list of one machine).
pub(crate) fn is_heading(columns: &[Column]) -> bool {
    let known = || columns.iter().filter_map(|it| it.field);
    let named = known().any(Field::names_a_subject) && (known().count() > 1 || columns.len() == 1);
    named || lists_programs(columns)
}

/// Whether the table is the list of programs of one machine that it does not name.
pub(crate) fn lists_programs(columns: &[Column]) -> bool {
    let has = |field: Field| columns.iter().any(|it| it.field == Some(field));
    let named = columns.iter().filter_map(|it| it.field).any(Field::names_a_subject);
    has(Field::Software) && has(Field::SoftwareVersion) && !named
}

fn guess(heading: &str) -> Option<Field> {
    let squashed = squash(heading);
    let own =
        Attribute::ALL.iter().map(|it| Field::Attribute(*it)).chain(Field::OTHERS.iter().copied());
    own.into_iter().find(|it| squash(it.name()) == squashed).or_else(|| {
        HEADINGS
            .iter()
            .find(|(_, usual)| usual.split(' ').any(|it| it == squashed))
            .map(|(field, _)| *field)
    })
}

/// Usual headings, lower case without blanks and signs (`S/N` is `sn`), by what they say.
/// From the export screens of CMMS (asset, work-order and inventory modules), `ServiceNow`
/// CMDB tables, Microsoft configuration exports and vulnerability scanners; the words, not their lists.
pub const HEADINGS: &[(Field, &str)] = &[
    (
        of(A::AssetId),
        "asset assetno assetnum assetnumber assettag assettagno assettagnumber assetcode \
         equipmentid equipmentno equipmentnumber equipmentnum equipment equipid equipno \
         equipnum eqno eqid tag tagno tagnumber controlno controlnumber inventoryno \
         inventorynumber inventoryid inventorytag itemno itemnumber itemid ceno cenumber \
         cetag biomedid biomedno biomednumber biomedtag propertytag barcode ciid ciname \
         configurationitem cmdbid resourceid deviceid assetkey endpointid assetuuid \
         hostid",
    ),
    (of(A::Name), "assetname devicename equipmentname itemname label"),
    (
        of(A::Manufacturer),
        "mfr mfg manuf manufacturername manufacturedby mfrname make maker oem brand \
         companyname devicemanufacturer hardwarevendor devicevendor",
    ),
    (
        of(A::Model),
        "modelno modelnum modelnumber modelname modelid mdl modeldescription devicemodel \
         equipmentmodel productmodel hardwaremodel",
    ),
    (
        of(A::Serial),
        "sn serialno serialnum serialnumber serno sernum serialnbr serialid deviceserial \
         deviceserialnumber ser hardwareserial",
    ),
    (of(A::Udi), "udidi deviceidentifier udicode udinumber uniquedeviceidentifier gtin fulludi"),
    (
        of(A::Mac),
        "macaddress macaddr macaddresses macs macid ethernetaddress physicaladdress \
         wifimac wlanmac lanmac wirelessmac wiredmac hardwareaddress mac1 mac2",
    ),
    (
        of(A::Ip),
        "ipaddress ipaddr ipaddresses ips ipv4 ipv6 ipv4address ipv6address hostip \
         netaddress networkaddress ip1 ip2 ipaddr1",
    ),
    (
        of(A::HostName),
        "host hostname dnsname fqdn computername netbiosname netbios machinename \
         servername systemname pscomputername dns assetdnsname computer nodename",
    ),
    (
        of(A::DeviceClass),
        "class deviceclass devicetype devicecategory equipmenttype equipmentcategory \
         equipmentclass assettype assetcategory assetclass category nomenclature gmdn \
         gmdnterm umdns umdnsterm genericname modality citype ciclass devicedescription \
         equipmentdescription sysclassname",
    ),
    (
        of(A::Location),
        "loc room roomno roomnumber building sitelocation physicallocation \
         currentlocation locationname area bed place locationdescription",
    ),
    (
        of(A::Unit),
        "dept department departmentname deptname ward costcenter costcentre nursingunit \
         careunit usingdepartment owningdepartment unitname service clinic owningdept",
    ),
    (
        of(A::Owner),
        "ownedby ownername assetowner responsible responsibleperson responsibleparty \
         custodian assignedto contact businessowner applicationowner systemowner \
         technicalowner primarytechnician supportgroup",
    ),
    (
        of(A::InstalledOn),
        "installdate installationdate installed dateinstalled inservicedate inservice \
         commissioned commissiondate acceptancedate acquisitiondate datereceived \
         receiveddate deploymentdate golivedate installedon",
    ),
    (
        of(A::ManufacturedOn),
        "manufacturedate manufacturingdate manufactured dateofmanufacture mfgdate mfrdate \
         mfddate dom shipdate shippeddate shippedon builddate productiondate \
         datemanufactured yearofmanufacture",
    ),
    (of(A::SourceNote), "note notes comment comments remark remarks additionalinfo sourcenotes"),
    (of(A::Vlan), "vlanid vlanname vlanno networksegment"),
    (
        of(A::ManagedBy),
        "managedby management supportedby ownership hosting hostedby runby \
         serviceprovider",
    ),
    (
        of(A::PartOf),
        "partof application applicationname app appname businessapplication \
         businessservice memberof parentapplication",
    ),
    (of(A::PartRole), "partrole role componentrole tier function componenttype parttype"),
    (
        of(A::DataClass),
        "dataclass dataclasses dataclassification dataheld datatype datatypes \
         dataclassheld",
    ),
    (
        of(A::Feeds),
        "feedsto sendsto downstream downstreamsystems interfacesto outboundinterfaces \
         sendsdatato",
    ),
    (
        of(A::ReachableBy),
        "reachableby reachablefrom accessibleby accessiblefrom exposedto externalaccess \
         remoteaccess whomayreach",
    ),
    (
        of(A::Lifecycle),
        "lifecycle lifecyclestate lifecyclestatus lifecyclestage assetstatus \
         equipmentstatus assetstate installstatus operationalstatus servicestatus",
    ),
    (of(A::ProductCode), "procode fdaproductcode fdacode productcodefda"),
    (of(A::Spares), "spare sparesathand spareunits sparedevices"),
    (
        of(A::Control),
        "controls compensatingcontrol compensatingcontrols securitycontrol securitycontrols \
         protection protections",
    ),
    (of(A::Subnet), "subnetwork cidr networkrange iprange prefix"),
    (of(A::Zone), "securityzone networkzone zonename"),
    (of(A::Exposure), "exposureclass systemexposure networkexposure"),
    (of(A::Sbom), "sbomfile sbomfilename billofmaterials softwarebillofmaterials"),
    (
        Field::Site,
        "facility facilityname facilitycode hospital campus sitename siteid sitecode \
         organization organisation entity",
    ),
    (
        Field::Software,
        "softwarename applicationsoftware softwaretitle installedsoftware displayname \
         softwareproduct programname program packagename package componentname",
    ),
    (
        Field::SoftwareVersion,
        "softwarerev softwarerevision softwarerelease softwarelevel swversion swver swrev \
         swrevision softwarever applicationversion appversion displayversion \
         installedversion softwareversionno currentsoftwareversion packageversion \
         componentversion",
    ),
    (Field::SoftwareVendor, "publisher softwarepublisher softwaremanufacturer applicationvendor"),
    (
        Field::FirmwareVersion,
        "firmware firmwarerev firmwarerevision firmwarever fwversion fwver fwrev fw \
         firmwarelevel currentfirmware currentfirmwareversion",
    ),
    (Field::Os, "operatingsystem osname operatingsystemname platform osfamily osplatform hostos"),
    (
        Field::OsVersion,
        "operatingsystemversion osver osrelease osbuild osrev operatingsystembuild \
         osservicepack",
    ),
    (Field::Cpe, "cpes cpe23 cpe22 cpename cpeuri cpestring matchedcpe"),
    (Field::Purl, "purls packageurl packageurls"),
    (
        Field::Options,
        "option installedoptions modules accessories softwareoptions licensedoptions \
         configuration fittedoptions features",
    ),
    (
        Field::Vulnerability,
        "cve cves cveid cveids cvelist cvenumber vulnerabilityid vulnerabilityids vulnid \
         vulnerabilities cvename",
    ),
    (
        Field::Check,
        "plugin pluginid pluginno checkid qid nvt nvtoid oid ruleid testid signatureid \
         detectionid",
    ),
    (
        Field::State,
        "findingstate findingstatus vulnerabilitystate vulnerabilitystatus vulnstatus \
         findingstatusname remediationstatus issuestatus resolution",
    ),
    (
        Field::Severity,
        "risk riskrating riskfactor severityname severitylevel criticality threat \
         severityrating risklevel cvssseverity",
    ),
    (
        Field::Title,
        "findingtitle vulnerabilityname vulnerabilitytitle pluginname nvtname findingname \
         synopsis summary issue issuetitle vulntitle checkname",
    ),
    (
        Field::FirstSeen,
        "firstfound firstdetected firstdiscovered firstobserved datefound dateopened \
         opened foundon detectedon discovereddate firstseendate firstdetection created \
         createddate",
    ),
    (
        Field::LastSeen,
        "lastfound lastdetected lastobserved lastseendate lastdetection lastscanned \
         lastscandate lastobservation scandate lastupdated timestamp",
    ),
    (
        Field::Evidence,
        "pluginoutput output proof details result results specificresult detectionresult \
         scanoutput evidencetext",
    ),
    (Field::Parent, "parentname parentci parentitem from source sourceci subjectci"),
    (Field::Relation, "relationship relationshiptype relationtype reltype typename dependencytype"),
    (Field::Child, "childname childci childitem to target targetci objectci"),
];

use Attribute as A;

const fn of(attribute: Attribute) -> Field {
    Field::Attribute(attribute)
}

/// When a heading that alone says too little may be taken to say something.
#[derive(Clone, Copy)]
enum Given {
    /// A column beside it says this.
    Has(Field),
    Lacks(Field),
    Always,
}

impl Given {
    fn holds(self, fields: &[Option<Field>]) -> bool {
        let has = |field| fields.iter().flatten().any(|it| *it == field);
        match self {
            Given::Has(field) => has(field),
            Given::Lacks(field) => !has(field),
            Given::Always => true,
        }
    }
}

/// Headings whose meaning hangs on the columns beside them; the first line that holds decides.
const DEPENDING: &[(&str, Given, Field)] = &[
    ("type", Given::Has(Field::Child), Field::Relation),
    ("type", Given::Always, of(A::DeviceClass)),
    ("product", Given::Lacks(of(A::Model)), of(A::Model)),
    ("product", Given::Always, Field::Software),
    ("productname", Given::Lacks(of(A::Model)), of(A::Model)),
    ("productname", Given::Always, Field::Software),
    ("vendor", Given::Lacks(of(A::Manufacturer)), of(A::Manufacturer)),
    ("vendor", Given::Always, Field::SoftwareVendor),
    ("vendorname", Given::Lacks(of(A::Manufacturer)), of(A::Manufacturer)),
    ("version", Given::Has(Field::Software), Field::SoftwareVersion),
    ("version", Given::Has(of(A::Model)), Field::FirmwareVersion),
    ("rev", Given::Has(of(A::Model)), Field::FirmwareVersion),
    ("revision", Given::Has(of(A::Model)), Field::FirmwareVersion),
    ("status", Given::Has(Field::Vulnerability), Field::State),
    ("status", Given::Has(Field::Check), Field::State),
    ("status", Given::Always, of(A::Lifecycle)),
    ("active", Given::Has(Field::Vulnerability), Field::State),
    ("description", Given::Has(Field::Vulnerability), Field::Title),
    ("description", Given::Has(Field::Check), Field::Title),
    ("description", Given::Lacks(of(A::DeviceClass)), of(A::DeviceClass)),
    ("description", Given::Always, of(A::SourceNote)),
    ("address", Given::Has(Field::Vulnerability), of(A::Ip)),
    ("id", Given::Lacks(of(A::AssetId)), of(A::AssetId)),
    ("no", Given::Lacks(of(A::AssetId)), of(A::AssetId)),
    ("number", Given::Lacks(of(A::AssetId)), of(A::AssetId)),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// What each heading is taken to say, `?` where nothing.
    fn understood(headings: &[&str], map: &ColumnMap) -> Vec<String> {
        let headings: Vec<String> = headings.iter().map(|it| (*it).to_owned()).collect();
        let columns = columns(&headings, map);
        let name = |it: &Column| {
            it.field.map_or(if it.doubles { "doubles" } else { "?" }, Field::name).to_owned()
        };
        columns.iter().map(name).collect()
    }

    #[test]
    fn every_own_name_is_understood_as_itself() {
        for name in [
            "asset_id",
            "site",
            "name",
            "manufacturer",
            "model",
            "serial",
            "udi",
            "mac",
            "ip",
            "software",
            "software_version",
            "firmware_version",
            "os",
            "os_version",
            "cpe",
            "purl",
            "device_class",
            "location",
            "owner",
            "installed_on",
            "manufactured_on",
            "options",
            "source_note",
            "unit",
            "host_name",
            "vlan",
        ] {
            assert_eq!(understood(&[name], &ColumnMap::default()), [name]);
        }
        for attribute in Attribute::ALL {
            assert_eq!(guess(attribute.name()), Some(Field::Attribute(*attribute)));
        }
        for field in Field::OTHERS {
            assert_eq!(guess(field.name()), Some(*field));
        }
    }

    #[test]
    fn the_usual_headings_of_a_cmms_are_understood() {
        let headings = [
            "Equipment ID",
            "Mfr",
            "Model No.",
            "S/N",
            "Dept",
            "Software Rev",
            "Description",
            "Status",
            "PM Due",
        ];
        let expected = [
            "asset_id",
            "manufacturer",
            "model",
            "serial",
            "unit",
            "software_version",
            "device_class",
            "lifecycle",
            "?",
        ];
        assert_eq!(understood(&headings, &ColumnMap::default()), expected);
    }

    #[test]
    fn a_version_belongs_to_what_stands_beside_it() {
        let map = ColumnMap::default();
        assert_eq!(understood(&["Asset", "Software", "Version"], &map)[2], "software_version");
        assert_eq!(understood(&["Asset", "Model", "Version"], &map)[2], "firmware_version");
        assert_eq!(understood(&["Asset", "Version"], &map)[1], "?");
    }

    #[test]
    fn a_name_beside_version_and_vendor_is_a_programs() {
        let map = ColumnMap::default();
        let programs = ["host_name", "software", "software_vendor", "software_version"];
        assert_eq!(understood(&["Node", "Name", "Vendor", "Version"], &map), programs);
        let devices = ["name", "manufacturer", "model", "firmware_version"];
        assert_eq!(understood(&["Name", "Vendor", "Model", "Version"], &map), devices);
    }

    #[test]
    fn a_second_column_for_one_thing_is_not_read_over_the_first() {
        let map = ColumnMap::default();
        assert_eq!(
            understood(&["Asset Tag", "Tag", "MAC", "WiFi MAC"], &map),
            ["asset_id", "doubles", "mac", "mac"]
        );
    }

    #[test]
    fn a_heading_is_listed_once() {
        let mut seen = std::collections::BTreeSet::new();
        for heading in HEADINGS.iter().flat_map(|(_, usual)| usual.split(' ')) {
            assert!(seen.insert(heading), "{heading} is listed twice");
        }
    }

    #[test]
    fn a_persons_map_comes_first_and_survives_being_saved() {
        let text = "separator = \";\"\ndate_order = \"day_month\"\n\n[columns]\n\"Cost centre\" = \"ignored\"\nKenn-Nr = \"asset_id\"\n";
        let map = ColumnMap::from_toml(text).unwrap();
        assert_eq!(
            understood(&["kenn-nr", "Cost centre", "S/N"], &map),
            ["asset_id", "ignored", "serial"]
        );
        assert_eq!(ColumnMap::from_toml(&map.to_toml()).unwrap(), map);
    }

    #[test]
    fn a_map_with_an_unknown_word_names_it() {
        let error = ColumnMap::from_toml("[columns]\na = \"assetid\"\n").unwrap_err().to_string();
        assert!(error.contains("\"assetid\" is not one of asset_id"), "{error}");
    }
}
