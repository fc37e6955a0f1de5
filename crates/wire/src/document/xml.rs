//! Documents as XML. Reading takes elements and texts and nothing else: a document type, which could define entities,
//! is refused, and so is any entity but the five that XML has.

use super::timestamp::format_millis;
use super::{Bounds, Document, read_text, write_text};
use crate::json::DecodeError;
use crate::schema::{self, Schema};
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// Reads a whole body as the structure of its root element, whatever that is called. An empty body is an empty
/// structure.
pub fn read_xml(schema: &'static schema::Structure, body: &[u8]) -> Result<Document, DecodeError> {
    let body = std::str::from_utf8(body).map_err(|_| DecodeError::Syntax)?;
    if body.is_empty() {
        return Ok(Document::Structure(Vec::new()));
    }
    let mut reader = XmlReader { reader: Reader::from_str(body), bounds: Bounds::new() };
    reader.reader.config_mut().expand_empty_elements = true;
    let Some(_) = reader.next_child()? else { return Err(DecodeError::Syntax) };
    let document = reader.value(Schema::Structure(schema))?;
    match reader.event()? {
        Event::Eof => Ok(document),
        _ => Err(DecodeError::Syntax),
    }
}

struct XmlReader<'a> {
    reader: Reader<&'a [u8]>,
    bounds: Bounds,
}

impl<'a> XmlReader<'a> {
    /// The next event that is not a comment, a declaration or white space.
    fn event(&mut self) -> Result<Event<'a>, DecodeError> {
        loop {
            self.bounds.count().ok_or(DecodeError::Syntax)?;
            match self.reader.read_event().map_err(|_| DecodeError::Syntax)? {
                Event::DocType(_) | Event::PI(_) => return Err(DecodeError::Syntax),
                Event::Comment(_) | Event::Decl(_) => {}
                Event::Text(text) if text.iter().all(u8::is_ascii_whitespace) => {}
                event => return Ok(event),
            }
        }
    }

    /// The name of the next element inside the one that is open; `None` at its end.
    fn next_child(&mut self) -> Result<Option<String>, DecodeError> {
        match self.event()? {
            Event::Start(start) => Ok(Some(local_name(&start)?)),
            Event::End(_) => Ok(None),
            _ => Err(DecodeError::Syntax),
        }
    }

    /// The value of the element that was opened, to its end.
    fn value(&mut self, schema: Schema) -> Result<Document, DecodeError> {
        self.bounds.enter().ok_or(DecodeError::Syntax)?;
        let read = match schema {
            Schema::Structure(schema) => self.structure(schema)?,
            Schema::List(schema) => {
                let mut elements = Vec::new();
                while let Some(name) = self.next_child()? {
                    match name == schema.element_name {
                        true => elements.push(self.value(schema.element)?),
                        false => self.skip()?,
                    }
                }
                Document::List(elements)
            }
            Schema::Map(schema) => {
                let mut entries = Vec::new();
                while self.next_child()?.is_some() {
                    entries.extend(self.entry(schema)?);
                }
                Document::Map(entries)
            }
            schema => read_text(schema, &self.text()?)?,
        };
        self.bounds.leave();
        Ok(read)
    }

    fn structure(&mut self, schema: &'static schema::Structure) -> Result<Document, DecodeError> {
        let mut members: Vec<(&'static str, Document)> = Vec::new();
        while let Some(name) = self.next_child()? {
            let Some(member) = schema.members.iter().find(|member| member.wire_name == name) else {
                self.skip()?;
                continue;
            };
            match member.schema {
                Schema::List(list) if list.is_flattened => {
                    let element = self.value(list.element)?;
                    match members.iter_mut().find(|(known, _)| *known == member.name) {
                        Some((_, Document::List(elements))) => elements.push(element),
                        _ => members.push((member.name, Document::List(vec![element]))),
                    }
                }
                schema => {
                    let document = self.value(schema)?;
                    Document::put(&mut members, member.name, document);
                }
            }
        }
        Ok(Document::Structure(members))
    }

    fn entry(&mut self, schema: &'static schema::Map) -> Result<Option<(String, Document)>, DecodeError> {
        let (mut key, mut value) = (None, None);
        while let Some(name) = self.next_child()? {
            if name == schema.entry_names.0 {
                key = Some(self.text()?);
            } else if name == schema.entry_names.1 {
                value = Some(self.value(schema.value)?);
            } else {
                self.skip()?;
            }
        }
        Ok(key.zip(value))
    }

    /// The text of the element that was opened, to its end.
    fn text(&mut self) -> Result<String, DecodeError> {
        let mut whole = String::new();
        loop {
            self.bounds.count().ok_or(DecodeError::Syntax)?;
            match self.reader.read_event().map_err(|_| DecodeError::Syntax)? {
                Event::Text(text) => whole.push_str(&text.unescape().map_err(|_| DecodeError::Syntax)?),
                Event::CData(text) => {
                    whole.push_str(std::str::from_utf8(&text).map_err(|_| DecodeError::Syntax)?);
                }
                Event::Comment(_) => {}
                Event::End(_) => return Ok(whole),
                Event::Start(_) => return Err(DecodeError::Type("Unexpected element".into())),
                _ => return Err(DecodeError::Syntax),
            }
        }
    }

    /// Passes over the element that was opened.
    fn skip(&mut self) -> Result<(), DecodeError> {
        let mut open = 1;
        while open > 0 {
            match self.event()? {
                Event::Start(_) => open += 1,
                Event::End(_) => open -= 1,
                Event::Eof => return Err(DecodeError::Syntax),
                _ => {}
            }
        }
        Ok(())
    }
}

fn local_name(start: &BytesStart<'_>) -> Result<String, DecodeError> {
    let name = start.local_name();
    std::str::from_utf8(name.as_ref()).map(str::to_owned).map_err(|_| DecodeError::Syntax)
}

/// XML that is being written.
#[derive(Debug, Default)]
pub struct XmlWriter {
    text: String,
    /// Whether points in time have milliseconds also where those are zero.
    has_millis: bool,
}

impl XmlWriter {
    /// Begins with the declaration, as rest-xml's answers do.
    pub fn with_declaration() -> Self {
        XmlWriter { text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".into(), has_millis: true }
    }

    /// An element with a namespace, if any, around what `inside` writes.
    pub fn element(&mut self, name: &str, namespace: &str, inside: impl FnOnce(&mut Self)) {
        self.text.push('<');
        self.text.push_str(name);
        if !namespace.is_empty() {
            self.text.push_str(" xmlns=\"");
            self.escaped(namespace);
            self.text.push('"');
        }
        self.text.push('>');
        inside(self);
        self.text.push_str("</");
        self.text.push_str(name);
        self.text.push('>');
    }

    /// An element with a text.
    pub fn text(&mut self, name: &str, text: &str) {
        self.element(name, "", |xml| xml.escaped(text));
    }

    /// The same in a namespace.
    pub fn text_in(&mut self, name: &str, namespace: &str, text: &str) {
        self.element(name, namespace, |xml| xml.escaped(text));
    }

    /// The members of a structure.
    pub fn members(&mut self, schema: &'static schema::Structure, document: &Document) {
        let Document::Structure(members) = document else { return };
        for member in schema.members {
            if let Some((_, value)) = members.iter().find(|(name, _)| *name == member.name) {
                self.value(member.wire_name, member.schema, value);
            }
        }
    }

    /// A value as an element, or as several where it is flattened.
    pub fn value(&mut self, name: &str, schema: Schema, document: &Document) {
        match (schema, document) {
            (Schema::Structure(schema), document) => {
                self.element(name, "", |xml| xml.members(schema, document));
            }
            (Schema::List(schema), Document::List(elements)) if schema.is_flattened => {
                elements.iter().for_each(|element| self.value(name, schema.element, element));
            }
            (Schema::List(schema), Document::List(elements)) => self.element(name, "", |xml| {
                elements.iter().for_each(|element| xml.value(schema.element_name, schema.element, element));
            }),
            (Schema::Map(schema), Document::Map(entries)) if schema.is_flattened => {
                entries.iter().for_each(|entry| self.entry(name, schema, entry));
            }
            (Schema::Map(schema), Document::Map(entries)) => self.element(name, "", |xml| {
                entries.iter().for_each(|entry| xml.entry("entry", schema, entry));
            }),
            (Schema::Timestamp, Document::Double(seconds)) if self.has_millis => {
                self.text(name, &format_millis(*seconds));
            }
            (schema, document) => self.text(name, &write_text(schema, document)),
        }
    }

    fn entry(&mut self, name: &str, schema: &'static schema::Map, (key, value): &(String, Document)) {
        self.element(name, "", |xml| {
            xml.text(schema.entry_names.0, key);
            xml.value(schema.entry_names.1, schema.value, value);
        });
    }

    fn escaped(&mut self, text: &str) {
        for character in text.chars() {
            match character {
                '&' => self.text.push_str("&amp;"),
                '<' => self.text.push_str("&lt;"),
                '>' => self.text.push_str("&gt;"),
                '"' => self.text.push_str("&quot;"),
                '\t' | '\n' => self.text.push(character),
                control if control < ' ' => self.text.push_str(&format!("&#x{:X};", u32::from(control))),
                other => self.text.push(other),
            }
        }
    }

    /// The text.
    pub fn into_bytes(self) -> Vec<u8> {
        self.text.into_bytes()
    }
}
