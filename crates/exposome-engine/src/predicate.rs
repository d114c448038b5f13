//! One language for filters, scopes and rules: a part of CEL, answered with yes, no or *not known*.
//!
//! What can be written is a subset of the Common Expression Language (cel-spec,
//! "Language Definition"): `&&`, `||`, `!`, comparisons of a field with a literal, `in` with a
//! list of literals, `contains`, `startsWith`, `endsWith` and `lowerAscii` on texts, `timestamp`,
//! `duration` and `now`.  One function is added: `known(field)`.  Whatever is written here means the
//! same in CEL, but for one thing: a field that nobody knows makes a comparison *not known* where
//! CEL would fail, and what is not known goes through `&&`, `||` and `!` by Kleene's tables.
//!
//! A predicate knows fields by their places in a list; what a field is on something is asked of
//! whoever has that thing ([`Value`]).

use cel::common::ast::{Expr, IdedExpr, LiteralValue, operators};
use cel::parser::PrattParser;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Ordering;

/// An answer.  Ordered, so that `&&` is the least and `||` the greatest of two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Tri {
    No,
    NotKnown,
    Yes,
}

impl Tri {
    pub fn of(holds: bool) -> Tri {
        if holds { Tri::Yes } else { Tri::No }
    }
}

impl std::ops::Not for Tri {
    type Output = Tri;

    fn not(self) -> Tri {
        match self {
            Tri::No => Tri::Yes,
            Tri::NotKnown => Tri::NotKnown,
            Tri::Yes => Tri::No,
        }
    }
}

/// Something that can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    pub name: &'static str,
    pub kind: Kind,
    /// What it says, for people.
    pub words: &'static str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    /// Up to six decimals.
    Number,
    Truth,
    Moment,
}

impl Kind {
    fn words(self) -> &'static str {
        match self {
            Kind::Text => "a text in quotes",
            Kind::Number => "a number",
            Kind::Truth => "true or false",
            Kind::Moment => {
                "a moment, as timestamp(\"2026-08-16T09:00:00Z\") or now + duration(\"72h\")"
            }
        }
    }
}

/// What a field is on something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// It does not apply: what is only watched has no date.
    Absent,
    NotKnown,
    Text(&'a str),
    Number(Millionths),
    Truth(bool),
    Moment(Timestamp),
}

/// A number in units of 0.000001: what people write compares exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Millionths(pub i64);

/// A predicate that fits a list of fields.
#[derive(Debug, Clone, PartialEq)]
pub struct Predicate {
    pub(crate) root: Node,
    /// Each asks one thing of one field.
    pub(crate) tests: Vec<Test>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Node {
    Just(Tri),
    Not(Box<Node>),
    All(Vec<Node>),
    Any(Vec<Node>),
    /// By its place among the tests.
    Test(usize),
}

/// One question to one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// Its place in the list of fields.
    pub field: usize,
    is: Is,
}

#[derive(Debug, Clone, PartialEq)]
enum Is {
    Known,
    True,
    Text { in_small_letters: bool, is: TextIs },
    Number(Compared, Millionths),
    Moment(Compared, Timestamp),
}

#[derive(Debug, Clone, PartialEq)]
enum TextIs {
    Compared(Compared, String),
    OneOf(Vec<String>),
    Containing(String),
    Beginning(String),
    Ending(String),
}

/// How a value stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    Equal,
    Unequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// Why a text is no predicate over the fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the filter has {bytes} bytes; at most {LONGEST} are read")]
    TooLong { bytes: usize },
    #[error("the filter cannot be read at column {column}: {found}")]
    Syntax { column: usize, found: String },
    #[error("there is no field {name:?}; there are {}", .known.join(", "))]
    NoSuchField { name: String, known: Vec<&'static str> },
    #[error("{field} is compared with something else than {expected}")]
    WrongKind { field: &'static str, expected: &'static str },
    #[error(
        "{what} is not part of the filter language; it has && || ! == != < <= > >= in, contains, startsWith, endsWith, lowerAscii, known, timestamp, duration and now"
    )]
    NotInTheLanguage { what: String },
    #[error("{text:?} is no {kind}")]
    Unreadable { text: String, kind: &'static str },
}

/// As long as a person or a page writes.
const LONGEST: usize = 4096;
/// How deep parentheses and operators may stand in one another, and how many there may be.
const DEEPEST: u16 = 32;
const MOST_NODES: usize = 1000;

impl Predicate {
    /// What holds of everything.
    pub fn everything() -> Predicate {
        Predicate { root: Node::Just(Tri::Yes), tests: Vec::new() }
    }

    /// Reads a predicate; one of blanks holds of everything.  `now` is the moment of evaluation.
    pub fn read(text: &str, fields: &[Field], now: Timestamp) -> Result<Predicate, Error> {
        if text.trim().is_empty() {
            return Ok(Predicate::everything());
        }
        if text.len() > LONGEST {
            return Err(Error::TooLong { bytes: text.len() });
        }
        let parser = PrattParser::new()
            .max_recursion_depth(DEEPEST)
            .max_expression_node_count(MOST_NODES)
            .error_recovery_limit(1);
        let parsed = parser.parse(text).map_err(|errors| syntax(&errors))?;
        let mut reader = Reader { fields, now, tests: Vec::new() };
        let root = reader.node(&parsed)?;
        Ok(Predicate { root, tests: reader.tests })
    }

    /// Whether it holds of everything, whatever there is.
    pub fn is_everything(&self) -> bool {
        self.root == Node::Just(Tri::Yes)
    }

    /// Answers for one thing, of which each field can be asked.
    pub fn holds<'a>(&self, value: impl Fn(usize) -> Value<'a>) -> Tri {
        self.root.answer(&|test| {
            self.tests.get(test).map_or(Tri::NotKnown, |test| test.holds(value(test.field)))
        })
    }
}

impl Node {
    /// The answer where each test has one.
    pub(crate) fn answer(&self, of_test: &impl Fn(usize) -> Tri) -> Tri {
        match self {
            Node::Just(tri) => *tri,
            Node::Not(node) => !node.answer(of_test),
            Node::All(nodes) => {
                nodes.iter().map(|node| node.answer(of_test)).min().unwrap_or(Tri::Yes)
            }
            Node::Any(nodes) => {
                nodes.iter().map(|node| node.answer(of_test)).max().unwrap_or(Tri::No)
            }
            Node::Test(test) => of_test(*test),
        }
    }

    /// The same with the answers that are known already put in; what remains hangs on the other tests.
    pub(crate) fn with(&self, known: &impl Fn(usize) -> Option<Tri>) -> Node {
        let all = |nodes: &[Node]| nodes.iter().map(|it| it.with(known)).collect::<Vec<_>>();
        match self {
            Node::Just(tri) => Node::Just(*tri),
            Node::Test(test) => known(*test).map_or(Node::Test(*test), Node::Just),
            Node::Not(node) => match node.with(known) {
                Node::Just(tri) => Node::Just(!tri),
                node => Node::Not(Box::new(node)),
            },
            Node::All(nodes) => joined(all(nodes), Tri::Yes, Node::All),
            Node::Any(nodes) => joined(all(nodes), Tri::No, Node::Any),
        }
    }
}

/// `neutral` says nothing here, its opposite decides alone.
fn joined(mut nodes: Vec<Node>, neutral: Tri, join: impl Fn(Vec<Node>) -> Node) -> Node {
    if nodes.contains(&Node::Just(!neutral)) {
        return Node::Just(!neutral);
    }
    nodes.retain(|node| *node != Node::Just(neutral));
    match nodes.len() {
        0 => Node::Just(neutral),
        1 => nodes.remove(0),
        _ => join(nodes),
    }
}

impl Test {
    pub fn holds(&self, value: Value<'_>) -> Tri {
        match (&self.is, value) {
            (Is::Known, Value::NotKnown | Value::Absent) => Tri::No,
            (Is::Known, _) => Tri::Yes,
            // What is not there equals nothing.
            (_, Value::Absent) => Tri::of(self.is.wants_another()),
            (Is::True, Value::Truth(holds)) => Tri::of(holds),
            (Is::Text { in_small_letters, is }, Value::Text(text)) => {
                if *in_small_letters {
                    Tri::of(is.holds(&text.to_ascii_lowercase()))
                } else {
                    Tri::of(is.holds(text))
                }
            }
            (Is::Number(compared, wanted), Value::Number(number)) => {
                Tri::of(compared.holds(number.cmp(wanted)))
            }
            (Is::Moment(compared, wanted), Value::Moment(moment)) => {
                Tri::of(compared.holds(moment.cmp(wanted)))
            }
            // Not known; that the kinds fit is checked when a predicate is read.
            _ => Tri::NotKnown,
        }
    }
}

impl Is {
    fn wants_another(&self) -> bool {
        let compared = match self {
            Is::Text { is: TextIs::Compared(compared, _), .. }
            | Is::Number(compared, _)
            | Is::Moment(compared, _) => *compared,
            _ => return false,
        };
        compared == Compared::Unequal
    }
}

impl TextIs {
    fn holds(&self, text: &str) -> bool {
        match self {
            TextIs::Compared(compared, wanted) => compared.holds(text.cmp(wanted)),
            TextIs::OneOf(wanted) => wanted.iter().any(|it| it == text),
            TextIs::Containing(wanted) => text.contains(wanted),
            TextIs::Beginning(wanted) => text.starts_with(wanted),
            TextIs::Ending(wanted) => text.ends_with(wanted),
        }
    }
}

impl Compared {
    fn by_operator(operator: &str) -> Option<Compared> {
        Some(match operator {
            operators::EQUALS => Compared::Equal,
            operators::NOT_EQUALS => Compared::Unequal,
            operators::LESS => Compared::Less,
            operators::LESS_EQUALS => Compared::LessOrEqual,
            operators::GREATER => Compared::Greater,
            operators::GREATER_EQUALS => Compared::GreaterOrEqual,
            _ => return None,
        })
    }

    fn holds(self, ordering: Ordering) -> bool {
        match self {
            Compared::Equal => ordering.is_eq(),
            Compared::Unequal => ordering.is_ne(),
            Compared::Less => ordering.is_lt(),
            Compared::LessOrEqual => ordering.is_le(),
            Compared::Greater => ordering.is_gt(),
            Compared::GreaterOrEqual => ordering.is_ge(),
        }
    }

    /// The same with the sides changed over: `3 < x` is `x > 3`.
    fn turned(self) -> Compared {
        match self {
            Compared::Less => Compared::Greater,
            Compared::LessOrEqual => Compared::GreaterOrEqual,
            Compared::Greater => Compared::Less,
            Compared::GreaterOrEqual => Compared::LessOrEqual,
            same => same,
        }
    }
}

fn syntax(errors: &cel::ParseErrors) -> Error {
    let first = errors.errors.first();
    let column = first.map_or(0, |error| usize::try_from(error.pos.1).unwrap_or_default());
    let found = first.map_or_else(String::new, |error| error.msg.clone());
    Error::Syntax { column, found: found.trim_start_matches("Syntax error: ").to_owned() }
}

struct Reader<'a> {
    fields: &'a [Field],
    now: Timestamp,
    tests: Vec<Test>,
}

impl Reader<'_> {
    fn node(&mut self, expression: &IdedExpr) -> Result<Node, Error> {
        match &expression.expr {
            Expr::Literal(LiteralValue::Boolean(holds)) => Ok(Node::Just(Tri::of(*holds.inner()))),
            Expr::Ident(name) => {
                let (place, field) = self.field(name)?;
                if field.kind != Kind::Truth {
                    return Err(Error::WrongKind {
                        field: field.name,
                        expected: field.kind.words(),
                    });
                }
                Ok(self.test(place, Is::True))
            }
            Expr::Call(call) => match (call.func_name.as_str(), call.args.as_slice()) {
                (operators::LOGICAL_AND, [one, other]) => {
                    Ok(Node::All(vec![self.node(one)?, self.node(other)?]))
                }
                (operators::LOGICAL_OR, [one, other]) => {
                    Ok(Node::Any(vec![self.node(one)?, self.node(other)?]))
                }
                (operators::LOGICAL_NOT, [one]) => Ok(Node::Not(Box::new(self.node(one)?))),
                (operators::IN, [field, list]) => self.one_of(field, list),
                ("known", [field]) if call.target.is_none() => {
                    let (place, ..) = self.asked(field)?;
                    Ok(self.test(place, Is::Known))
                }
                (name @ ("contains" | "startsWith" | "endsWith"), [text]) => {
                    let Some(target) = &call.target else { return Err(foreign(name)) };
                    let (place, field, in_small_letters) = self.asked(target)?;
                    let text = text_of(text, field)?;
                    let is = match name {
                        "contains" => TextIs::Containing(text),
                        "startsWith" => TextIs::Beginning(text),
                        _ => TextIs::Ending(text),
                    };
                    Ok(self.test(place, Is::Text { in_small_letters, is }))
                }
                (operator, [one, other]) => match Compared::by_operator(operator) {
                    Some(compared) if is_literal(one) => {
                        self.compared(other, compared.turned(), one)
                    }
                    Some(compared) => self.compared(one, compared, other),
                    None => Err(foreign(operator)),
                },
                (other, _) => Err(foreign(other)),
            },
            other => Err(foreign(described(other))),
        }
    }

    fn test(&mut self, field: usize, is: Is) -> Node {
        self.tests.push(Test { field, is });
        Node::Test(self.tests.len() - 1)
    }

    fn field(&self, name: &str) -> Result<(usize, Field), Error> {
        let place = self.fields.iter().position(|field| field.name == name);
        let found = place.and_then(|place| Some((place, *self.fields.get(place)?)));
        found.ok_or_else(|| Error::NoSuchField {
            name: name.to_owned(),
            known: self.fields.iter().map(|field| field.name).collect(),
        })
    }

    /// A field, or one in small letters.
    fn asked(&self, expression: &IdedExpr) -> Result<(usize, Field, bool), Error> {
        match &expression.expr {
            Expr::Ident(name) => self.field(name).map(|(place, field)| (place, field, false)),
            Expr::Call(call) if call.func_name == "lowerAscii" && call.args.is_empty() => {
                let Some(target) = &call.target else { return Err(foreign("lowerAscii")) };
                let (place, field, _) = self.asked(target)?;
                if field.kind != Kind::Text {
                    return Err(Error::WrongKind {
                        field: field.name,
                        expected: field.kind.words(),
                    });
                }
                Ok((place, field, true))
            }
            other => Err(foreign(described(other))),
        }
    }

    fn compared(
        &mut self,
        asked: &IdedExpr,
        compared: Compared,
        with: &IdedExpr,
    ) -> Result<Node, Error> {
        let (place, field, in_small_letters) = self.asked(asked)?;
        let wrong = Error::WrongKind { field: field.name, expected: field.kind.words() };
        let is = match field.kind {
            Kind::Text => {
                let is = TextIs::Compared(compared, text_of(with, field)?);
                Is::Text { in_small_letters, is }
            }
            Kind::Number => Is::Number(compared, number_of(with)?.ok_or(wrong)?),
            Kind::Moment => Is::Moment(compared, self.moment_of(with)?.ok_or(wrong)?),
            Kind::Truth => {
                let Expr::Literal(LiteralValue::Boolean(wanted)) = &with.expr else {
                    return Err(wrong);
                };
                let test = self.test(place, Is::True);
                return match (compared, *wanted.inner()) {
                    (Compared::Equal, true) | (Compared::Unequal, false) => Ok(test),
                    (Compared::Equal, false) | (Compared::Unequal, true) => {
                        Ok(Node::Not(Box::new(test)))
                    }
                    _ => Err(wrong),
                };
            }
        };
        Ok(self.test(place, is))
    }

    fn one_of(&mut self, asked: &IdedExpr, list: &IdedExpr) -> Result<Node, Error> {
        let (place, field, in_small_letters) = self.asked(asked)?;
        let Expr::List(list) = &list.expr else { return Err(foreign("in without a list")) };
        if field.kind == Kind::Text {
            let texts = list.elements.iter().map(|text| text_of(text, field));
            let is = TextIs::OneOf(texts.collect::<Result<_, _>>()?);
            return Ok(self.test(place, Is::Text { in_small_letters, is }));
        }
        let each = list.elements.iter().map(|it| self.compared(asked, Compared::Equal, it));
        Ok(Node::Any(each.collect::<Result<_, _>>()?))
    }

    fn moment_of(&self, expression: &IdedExpr) -> Result<Option<Timestamp>, Error> {
        let call = match &expression.expr {
            Expr::Ident(name) if name == "now" => return Ok(Some(self.now)),
            Expr::Call(call) => call,
            _ => return Ok(None),
        };
        match (call.func_name.as_str(), call.args.as_slice()) {
            ("timestamp", [text]) => {
                let Some(text) = literal_text(text) else { return Ok(None) };
                let unreadable = |_| Error::Unreadable { text: text.to_owned(), kind: "timestamp" };
                text.parse().map(Some).map_err(unreadable)
            }
            (operator @ (operators::ADD | operators::SUBSTRACT), [moment, duration]) => {
                let Some(moment) = self.moment_of(moment)? else { return Ok(None) };
                let Some(duration) = duration_of(duration)? else { return Ok(None) };
                let signed = if operator == operators::ADD { duration } else { -duration };
                Ok(moment.checked_add(signed).ok())
            }
            _ => Ok(None),
        }
    }
}

fn foreign(what: &str) -> Error {
    Error::NotInTheLanguage { what: what.trim_matches('_').to_owned() }
}

fn described(expression: &Expr) -> &'static str {
    match expression {
        Expr::Literal(_) => "a value that stands alone",
        Expr::Select(_) => "a field of a field",
        Expr::List(_) => "a list that stands alone",
        Expr::Map(_) | Expr::Struct(_) => "a map",
        Expr::Comprehension(_) => "a loop",
        _ => "this expression",
    }
}

fn is_literal(expression: &IdedExpr) -> bool {
    match &expression.expr {
        Expr::Literal(_) => true,
        Expr::Ident(name) => name == "now",
        Expr::Call(call) => {
            let by_moment = matches!(call.func_name.as_str(), "timestamp" | "duration");
            by_moment
                || matches!(
                    call.func_name.as_str(),
                    operators::ADD | operators::SUBSTRACT | operators::NEGATE
                )
        }
        _ => false,
    }
}

fn literal_text(expression: &IdedExpr) -> Option<&str> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

fn text_of(expression: &IdedExpr, field: Field) -> Result<String, Error> {
    let text = literal_text(expression).filter(|_| field.kind == Kind::Text);
    let expected = field.kind.words();
    text.map(str::to_owned).ok_or(Error::WrongKind { field: field.name, expected })
}

/// A number with at most six decimals.
fn number_of(expression: &IdedExpr) -> Result<Option<Millionths>, Error> {
    const UNITS: i64 = 1_000_000;
    let whole = |number: i64| number.checked_mul(UNITS).map(Millionths);
    Ok(match &expression.expr {
        Expr::Literal(LiteralValue::Int(number)) => whole(*number.inner()),
        Expr::Literal(LiteralValue::UInt(number)) => {
            i64::try_from(number.into_inner()).ok().and_then(whole)
        }
        Expr::Literal(LiteralValue::Double(number)) => {
            // The shortest decimal that reads back as this number is what was written.
            let text = number.inner().to_string();
            let unreadable =
                || Error::Unreadable { text: text.clone(), kind: "number of at most six decimals" };
            let (digits, parts) = text.split_once('.').unwrap_or((&text, ""));
            if parts.len() > 6 {
                return Err(unreadable());
            }
            let all: i64 = format!("{digits}{parts:0<6}").parse().map_err(|_| unreadable())?;
            Some(Millionths(all))
        }
        _ => None,
    })
}

/// `duration("72h")`: CEL, "Timestamps and durations"; hours, minutes and seconds.
fn duration_of(expression: &IdedExpr) -> Result<Option<SignedDuration>, Error> {
    let Expr::Call(call) = &expression.expr else { return Ok(None) };
    let ("duration", [text]) = (call.func_name.as_str(), call.args.as_slice()) else {
        return Ok(None);
    };
    let Some(text) = literal_text(text) else { return Ok(None) };
    let unreadable =
        || Error::Unreadable { text: text.to_owned(), kind: "duration (as 72h, 90m, 30s)" };
    let mut seconds: i64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|it: char| !it.is_ascii_digit()).ok_or_else(unreadable)?;
        let (digits, behind) = rest.split_at(end);
        let number: i64 = digits.parse().map_err(|_| unreadable())?;
        let mut units = behind.chars();
        let unit = match units.next() {
            Some('h') => 3600,
            Some('m') => 60,
            Some('s') => 1,
            _ => return Err(unreadable()),
        };
        let more = number.checked_mul(unit).and_then(|more| seconds.checked_add(more));
        seconds = more.ok_or_else(unreadable)?;
        rest = units.as_str();
    }
    Ok(Some(SignedDuration::from_secs(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: [Field; 5] = [
        Field { name: "unit", kind: Kind::Text, words: "" },
        Field { name: "epss", kind: Kind::Number, words: "" },
        Field { name: "kev", kind: Kind::Truth, words: "" },
        Field { name: "due", kind: Kind::Moment, words: "" },
        Field { name: "owner", kind: Kind::Text, words: "" },
    ];

    const NOW: &str = "2026-08-10T08:00:00Z";

    fn read(text: &str) -> Result<Predicate, Error> {
        Predicate::read(text, &FIELDS, NOW.parse().unwrap())
    }

    /// Unit ICU, EPSS 0.1, not in KEV, due on 12 August at noon; the owner is not known.
    fn value(field: usize) -> Value<'static> {
        match field {
            0 => Value::Text("ICU"),
            1 => Value::Number(Millionths(100_000)),
            2 => Value::Truth(false),
            3 => Value::Moment("2026-08-12T12:00:00Z".parse().unwrap()),
            _ => Value::NotKnown,
        }
    }

    #[track_caller]
    fn check(text: &str, expected: Tri) {
        let predicate = read(text).unwrap();
        assert_eq!(predicate.holds(value), expected, "{text}");
        // With everything put in that is known, the answer is the same.
        let put_in = predicate.root.with(&|test| {
            let test = &predicate.tests[test];
            (test.field != 4).then(|| test.holds(value(test.field)))
        });
        assert_eq!(
            put_in.answer(&|test| predicate.tests[test].holds(value(predicate.tests[test].field))),
            expected,
            "{text}"
        );
    }

    #[track_caller]
    fn refused(text: &str, expected: &str) {
        assert_eq!(read(text).unwrap_err().to_string(), expected);
    }

    #[test]
    fn what_people_filter_by_is_answered() {
        check("", Tri::Yes);
        check("unit == \"ICU\" && epss >= 0.1", Tri::Yes);
        check("unit == \"ICU\" && epss > 0.1", Tri::No);
        check("unit in [\"OR\", \"ICU\"]", Tri::Yes);
        check("unit.lowerAscii().contains(\"ic\")", Tri::Yes);
        check("unit.contains(\"ic\")", Tri::No);
        check("unit.startsWith('IC') && unit.endsWith('U')", Tri::Yes);
        check("!kev && kev == false && kev != true", Tri::Yes);
        check("kev || epss < 1", Tri::Yes);
        check("0.05 < epss", Tri::Yes);
        check("epss in [0.1, 0.2]", Tri::Yes);
        check("due < now + duration(\"72h\")", Tri::Yes);
        check("due < now + duration(\"48h30m\")", Tri::No);
        check("now < due", Tri::Yes);
        check("due >= timestamp(\"2026-08-12T12:00:00Z\")", Tri::Yes);
    }

    #[test]
    fn what_nobody_knows_is_neither_yes_nor_no() {
        check("owner == \"biomed\"", Tri::NotKnown);
        check("owner != \"biomed\"", Tri::NotKnown);
        check("!(owner == \"biomed\")", Tri::NotKnown);
        check("owner == \"biomed\" || unit == \"ICU\"", Tri::Yes);
        check("owner == \"biomed\" && kev", Tri::No);
        check("owner == \"biomed\" && !kev", Tri::NotKnown);
        check("known(owner)", Tri::No);
        check("known(unit)", Tri::Yes);
    }

    #[test]
    fn what_does_not_apply_equals_nothing() {
        let holds = |text: &str| read(text).unwrap().holds(|_| Value::Absent);
        assert_eq!(holds("due < now"), Tri::No);
        assert_eq!(holds("!(due < now)"), Tri::Yes);
        assert_eq!(holds("unit != \"ICU\""), Tri::Yes);
        assert_eq!(holds("known(due)"), Tri::No);
    }

    #[test]
    fn what_is_no_filter_is_refused_with_the_reason() {
        refused(
            "units == \"ICU\"",
            "there is no field \"units\"; there are unit, epss, kev, due, owner",
        );
        refused("unit == 3", "unit is compared with something else than a text in quotes");
        refused("unit", "unit is compared with something else than a text in quotes");
        refused("epss == \"0.1\"", "epss is compared with something else than a number");
        refused("epss > 0.1234567", "\"0.1234567\" is no number of at most six decimals");
        refused("due < timestamp(\"soon\")", "\"soon\" is no timestamp");
        refused("due < now + duration(\"3d\")", "\"3d\" is no duration (as 72h, 90m, 30s)");
        for text in [
            "unit.size() > 2",
            "[1].all(x, x > 0)",
            "unit.matches('.*')",
            "{'a': 1}",
            "1 + 1 == 2",
            "unit == owner",
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(
                error.contains("not part of the filter language")
                    || error.contains("compared with"),
                "{text}: {error}"
            );
        }
        assert!(matches!(read("unit ==").unwrap_err(), Error::Syntax { .. }));
        assert!(matches!(read(&"(".repeat(2000)).unwrap_err(), Error::Syntax { .. }));
        assert!(matches!(read(&"!".repeat(2000)).unwrap_err(), Error::Syntax { .. }));
        assert!(matches!(read(&"a".repeat(5000)).unwrap_err(), Error::TooLong { bytes: 5000 }));
    }
}
