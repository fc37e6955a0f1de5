//! What the service model says about the structures of a service that speaks several protocols: static tables, by
//! which documents are read and written. Generated.

/// The type of a value.
#[derive(Debug, Clone, Copy)]
pub enum Schema {
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Double,
    /// A point in time, in seconds since the Unix epoch.
    Timestamp,
    /// A text.
    Text,
    /// Bytes.
    Blob,
    /// A list.
    List(&'static List),
    /// A map from texts.
    Map(&'static Map),
    /// A structure.
    Structure(&'static Structure),
}

/// A structure.
#[derive(Debug)]
pub struct Structure {
    /// Its Java class, which type errors name.
    pub class: &'static str,
    /// Its members, in the order in which they are written.
    pub members: &'static [Member],
}

/// A member of a structure.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub name: &'static str,
    /// Its name in XML, forms, headers, paths and queries, where that is another.
    pub wire_name: &'static str,
    /// Where REST protocols carry it.
    pub place: Place,
    /// Its type.
    pub schema: Schema,
}

/// Where a member is carried. Only REST protocols have other places than the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the body.
    Body,
    /// As a header.
    Header,
    /// In the path.
    Path,
    /// In the query.
    Query,
    /// It is the status of the response.
    Status,
    /// It is the whole body.
    Payload,
}

/// A list.
#[derive(Debug)]
pub struct List {
    /// The type of its elements.
    pub element: Schema,
    /// The name of an element in XML and forms.
    pub element_name: &'static str,
    /// Whether XML and forms leave out the level of the list itself.
    pub is_flattened: bool,
}

/// A map.
#[derive(Debug)]
pub struct Map {
    /// The type of its values.
    pub value: Schema,
    /// The names of key and value in XML and forms.
    pub entry_names: (&'static str, &'static str),
    /// Whether XML and forms leave out the level of the entries.
    pub is_flattened: bool,
}

impl Member {
    /// A member of the body that has one name.
    pub const fn new(name: &'static str, schema: Schema) -> Self {
        Member { name, wire_name: name, place: Place::Body, schema }
    }

    /// The same with another name on the wire.
    pub const fn named(self, wire_name: &'static str) -> Self {
        Member { wire_name, ..self }
    }

    /// The same in another place.
    pub const fn at(self, place: Place) -> Self {
        Member { place, ..self }
    }
}
