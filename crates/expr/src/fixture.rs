//! Short spellings of values, items and parameters for tests.

use crate::parameters::{Parameters, Usage};
use std::collections::BTreeMap;
use types::{Item, ItemBuilder, Number, Value, ValueBuf};

pub(crate) fn s(text: &str) -> Value {
    Value::S(text.to_owned())
}

pub(crate) fn n(text: &str) -> Value {
    Value::N(Number::parse(text).unwrap())
}

pub(crate) fn b(bytes: &[u8]) -> Value {
    Value::B(bytes.to_vec())
}

pub(crate) fn ss(members: &[&str]) -> Value {
    Value::SS(members.iter().map(|member| (*member).to_owned()).collect())
}

pub(crate) fn ns(members: &[&str]) -> Value {
    Value::NS(members.iter().map(|member| Number::parse(member).unwrap()).collect())
}

pub(crate) fn bs(members: &[&[u8]]) -> Value {
    Value::BS(members.iter().map(|member| member.to_vec()).collect())
}

pub(crate) fn l<const N: usize>(elements: [Value; N]) -> Value {
    Value::L(elements.into())
}

pub(crate) fn m<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::M(entries.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

pub(crate) fn item<const N: usize>(attributes: [(&str, Value); N]) -> Item {
    let mut builder = ItemBuilder::new();
    for (name, value) in &attributes {
        builder.put(name, value);
    }
    builder.build()
}

/// Names and values of a request.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) names: BTreeMap<String, String>,
    pub(crate) values: BTreeMap<String, ValueBuf>,
    pub(crate) usage: Usage,
}

impl Request {
    pub(crate) fn parameters(&self) -> Parameters<'_> {
        Parameters { names: Some(&self.names), values: Some(&self.values) }
    }
}

/// A request with `#n` = `real.name`, `#r` = `a`, a value for each type (`:s :n :b :bool :null :ss :ns :bs :l :m`)
/// and these.
pub(crate) fn request<const N: usize>(values: [(&str, Value); N]) -> Request {
    let every = [
        (":s", s("x")),
        (":n", n("1")),
        (":b", b(b"x")),
        (":bool", Value::Bool(true)),
        (":null", Value::Null),
        (":ss", ss(&["x"])),
        (":ns", ns(&["1"])),
        (":bs", bs(&[b"x"])),
        (":l", l([s("x")])),
        (":m", m([("x", s("y"))])),
    ];
    let names = [("#n", "real.name"), ("#r", "a")];
    let values = every.into_iter().chain(values);
    Request {
        names: names.into_iter().map(|(alias, name)| (alias.to_owned(), name.to_owned())).collect(),
        values: values.map(|(name, value)| (name.to_owned(), ValueBuf::from(&value))).collect(),
        usage: Usage::default(),
    }
}
