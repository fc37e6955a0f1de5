//! The format of a case file.
//!
//! A file is a setup and named cases (`== name`), each a list of steps:
//! * `Operation {json}` sends the operation (the JSON may go over several lines; none means `{}`). The target
//!   prefix of another service goes in front: `DynamoDBStreams_20120810.ListStreams {}`.
//! * `-> status` and what is expected: nothing (the body is not looked at), JSON (see [`crate::matcher`]),
//!   `Code: exact message`, `Code ~ part of the message`, or `Code` alone.
//! * `RAW target body` sends exactly this body to this target: for bodies that are no JSON. A target of `-`
//!   sends none. `NOAUTH`, `AUTH value`, before a step, change its Authorization header.
//! * `REPEAT n` before a step sends it n times; each answer must be as expected.
//! * `EVENTUALLY` before a step sends it again until the answer is as expected, for ten seconds at most: for what a
//!   job does behind requests.
//! * `TOGETHER` … `END` sends the steps between at the same time.
//! * `DELAYED seconds` is for servers that show changes of tables for so long; on others the case is skipped.
//! * `ADVANCE seconds` moves the server's clock, `RESTART` closes and reopens the server: both only where the
//!   target can; elsewhere the case is counted as skipped.

use serde_json::Value;

/// A parsed file.
#[derive(Debug, Clone)]
pub struct CaseFile {
    /// Steps before every case.
    pub setup: Vec<Step>,
    /// The cases in order.
    pub cases: Vec<Case>,
}

/// One case.
#[derive(Debug, Clone)]
pub struct Case {
    /// What stands after `==`.
    pub name: String,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// One step.
#[derive(Debug, Clone)]
pub enum Step {
    /// Send and compare.
    Send(Send),
    /// Send all at once, compare each.
    Together(Vec<Send>),
    /// Move the clock.
    Advance(u64),
    /// Close and reopen.
    Restart,
    /// Only where changes of tables show for so many seconds.
    Delayed(u64),
}

/// A request and what must come back.
#[derive(Debug, Clone)]
pub struct Send {
    /// Line of the file, from 1.
    pub line: usize,
    /// `X-Amz-Target`, `None` to send none.
    pub target: Option<String>,
    /// The body as sent; captures (`$get name`) in JSON bodies are filled in before sending.
    pub body: Body,
    /// Which Authorization header.
    pub authorization: Authorization,
    /// How often.
    pub repeat: usize,
    /// Whether it is sent until the answer is as expected.
    pub eventually: bool,
    /// What must come back.
    pub expect: Expect,
}

/// What is sent.
#[derive(Debug, Clone)]
pub enum Body {
    /// A JSON value.
    Json(Value),
    /// These characters.
    Raw(String),
}

/// Which Authorization header a step sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Authorization {
    /// The case's own account.
    Account,
    /// None at all.
    None,
    /// These characters.
    Text(String),
}

/// What must come back.
#[derive(Debug, Clone)]
pub struct Expect {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: ExpectBody,
}

/// How the body must look.
#[derive(Debug, Clone)]
pub enum ExpectBody {
    /// Not looked at.
    Any,
    /// Matches this JSON.
    Json(Value),
    /// An error with this code and exactly this message.
    Error(String, String),
    /// An error with this code and a message that contains this.
    ErrorContains(String, String),
    /// An error with this code.
    ErrorCode(String),
}

/// Parses a file; the error names the line.
pub fn parse(text: &str) -> Result<CaseFile, String> {
    let mut parser = Parser { text, at: 0 };
    let mut file = CaseFile { setup: vec![], cases: vec![] };
    while let Some(line) = parser.peek() {
        if let Some(name) = line.strip_prefix("==") {
            file.cases.push(Case { name: name.trim().to_owned(), steps: vec![] });
            parser.skip_line();
            continue;
        }
        let step = parser.step()?;
        match file.cases.last_mut() {
            Some(case) => case.steps.push(step),
            None => file.setup.push(step),
        }
    }
    Ok(file)
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    /// The next line that is neither blank nor a comment.
    fn peek(&mut self) -> Option<&'a str> {
        loop {
            let rest = &self.text[self.at..];
            let line = rest.lines().next()?;
            if !line.trim().is_empty() && !line.trim_start().starts_with('#') {
                return Some(line.trim());
            }
            self.skip_line();
        }
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..];
        self.at += rest.find('\n').map_or(rest.len(), |newline| newline + 1);
    }

    fn line_number(&self) -> usize {
        self.text[..self.at].matches('\n').count() + 1
    }

    fn fail<T>(&self, why: &str) -> Result<T, String> {
        Err(format!("line {}: {why}", self.line_number()))
    }

    fn step(&mut self) -> Result<Step, String> {
        let line = self.peek().unwrap_or_default();
        if line == "RESTART" {
            self.skip_line();
            return Ok(Step::Restart);
        }
        if let Some(seconds) = line.strip_prefix("ADVANCE ") {
            let Ok(seconds) = seconds.trim().parse() else { return self.fail("ADVANCE wants seconds") };
            self.skip_line();
            return Ok(Step::Advance(seconds));
        }
        if let Some(seconds) = line.strip_prefix("DELAYED ") {
            let Ok(seconds) = seconds.trim().parse() else { return self.fail("DELAYED wants seconds") };
            self.skip_line();
            return Ok(Step::Delayed(seconds));
        }
        if line == "TOGETHER" {
            self.skip_line();
            let mut sends = vec![];
            while self.peek() != Some("END") {
                if self.peek().is_none() {
                    return self.fail("TOGETHER without END");
                }
                sends.push(self.send()?);
            }
            self.skip_line();
            return Ok(Step::Together(sends));
        }
        Ok(Step::Send(self.send()?))
    }

    fn send(&mut self) -> Result<Send, String> {
        let (mut authorization, mut repeat, mut eventually) = (Authorization::Account, 1, false);
        loop {
            let Some(line) = self.peek() else { return self.fail("a step is missing") };
            if line == "NOAUTH" {
                authorization = Authorization::None;
            } else if line == "EVENTUALLY" {
                eventually = true;
            } else if let Some(text) = line.strip_prefix("AUTH ") {
                authorization = Authorization::Text(text.to_owned());
            } else if let Some(times) = line.strip_prefix("REPEAT ") {
                repeat = times
                    .trim()
                    .parse()
                    .map_err(|_| format!("line {}: REPEAT wants a number", self.line_number()))?;
            } else {
                break;
            }
            self.skip_line();
        }
        let line_number = self.line_number();
        let (target, body) = self.request()?;
        let expect = self.expect()?;
        Ok(Send { line: line_number, target, body, authorization, repeat, eventually, expect })
    }

    fn request(&mut self) -> Result<(Option<String>, Body), String> {
        let line = self.peek().unwrap_or_default();
        if let Some(rest) = line.strip_prefix("RAW ") {
            let (target, body) = rest.split_once(' ').unwrap_or((rest, ""));
            let (target, body) = (qualified(target), body.to_owned());
            self.skip_line();
            return Ok((target, Body::Raw(body)));
        }
        let operation = line.split(|c: char| c.is_whitespace() || c == '{').next().unwrap_or_default();
        if !operation.starts_with(|c: char| c.is_ascii_uppercase()) {
            return self.fail(&format!("expected an operation, found `{line}`"));
        }
        self.at += self.text[self.at..].find(operation).unwrap_or(0) + operation.len();
        Ok((
            qualified(operation),
            Body::Json(self.json()?.unwrap_or_else(|| Value::Object(Default::default()))),
        ))
    }

    fn expect(&mut self) -> Result<Expect, String> {
        let Some(line) = self.peek() else { return self.fail("expected `-> status`") };
        let Some(rest) = line.strip_prefix("->") else { return self.fail("expected `-> status`") };
        let rest = rest.trim_start();
        let (status, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let Ok(status) = status.parse() else { return self.fail("a status is a number") };
        let rest = rest.trim();
        if rest.is_empty() || rest.starts_with(['{', '[']) {
            self.at += self.text[self.at..].find("->").unwrap_or(0) + 2;
            self.at += self.text[self.at..].find(|c: char| c.is_ascii_digit()).unwrap_or(0) + 3;
            let body = self.json()?.map_or(ExpectBody::Any, ExpectBody::Json);
            return Ok(Expect { status, body });
        }
        self.skip_line();
        let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
        let body = match (rest.split_once(": "), rest.split_once(" ~ ")) {
            (Some((code, message)), _) if word(code) => {
                ExpectBody::Error(code.to_owned(), message.to_owned())
            }
            (_, Some((code, part))) if word(code) => {
                ExpectBody::ErrorContains(code.to_owned(), part.to_owned())
            }
            _ => ExpectBody::ErrorCode(rest.to_owned()),
        };
        Ok(Expect { status, body })
    }

    /// A JSON value here, if one begins here (after white space).
    fn json(&mut self) -> Result<Option<Value>, String> {
        let rest = &self.text[self.at..];
        let start = rest.len() - rest.trim_start().len();
        if !rest[start..].starts_with(['{', '[']) {
            self.skip_line();
            return Ok(None);
        }
        let mut stream = serde_json::Deserializer::from_str(&rest[start..]).into_iter::<Value>();
        let value = match stream.next() {
            Some(Ok(value)) => value,
            Some(Err(error)) => return self.fail(&format!("no JSON: {error}")),
            None => return self.fail("no JSON"),
        };
        self.at += start + stream.byte_offset();
        self.skip_line();
        Ok(Some(value))
    }
}

fn qualified(operation: &str) -> Option<String> {
    match operation {
        "-" => None,
        _ if operation.contains('.') => Some(operation.to_owned()),
        _ => Some(format!("DynamoDB_20120810.{operation}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_setup_cases_and_expectations() {
        let file = parse(
            "# c\nCreateTable\n{\"TableName\":\n \"t\"}\n-> 200\n\n== one\nGetItem {\"a\": 1}\n-> 400 ValidationException: a: b\n\
             ListTables\n-> 200 {\"TableNames\": []}\n== two\nNOAUTH\nRAW GetItem {bad\n-> 400 SerializationException\nREPEAT 3\nGetItem {}\n-> 400 X ~ y\n",
        )
        .unwrap();
        assert_eq!(file.setup.len(), 1);
        assert_eq!(file.cases.len(), 2);
        assert_eq!(file.cases[0].steps.len(), 2);
        let Step::Send(send) = &file.cases[0].steps[0] else { panic!() };
        assert!(
            matches!(&send.expect.body, ExpectBody::Error(c, m) if c == "ValidationException" && m == "a: b")
        );
        let Step::Send(send) = &file.cases[1].steps[0] else { panic!() };
        assert_eq!(send.authorization, Authorization::None);
        assert!(matches!(&send.body, Body::Raw(b) if b == "{bad"));
        let Step::Send(send) = &file.cases[1].steps[1] else { panic!() };
        assert_eq!(send.repeat, 3);
    }
}
