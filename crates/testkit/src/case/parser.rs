//! Reads case files.

use super::call::{Asked, Call, calls};
use super::{Authorization, Body, Case, CaseFile, Expect, ExpectBody, Send, Step};
use serde_json::Value;
use std::str::FromStr;

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
        let steps = parser.step()?;
        match file.cases.last_mut() {
            Some(case) => case.steps.extend(steps),
            None => file.setup.extend(steps),
        }
    }
    Ok(file)
}

/// What JSON in a case begins with.
const JSON_STARTS: [char; 3] = ['{', '[', '"'];

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

    fn step(&mut self) -> Result<Vec<Step>, String> {
        let line = self.peek().unwrap_or_default();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        let step = match word {
            "RESTART" => Step::Restart,
            "ENFORCED" => Step::Enforced,
            "ADVANCE" => Step::Advance(self.number(rest)?),
            "DELAYED" => Step::Delayed(self.number(rest)?),
            "TOGETHER" => {
                self.skip_line();
                Step::Together(self.sends_together()?)
            }
            _ => return Ok(self.sends()?.into_iter().map(|send| Step::Send(Box::new(send))).collect()),
        };
        self.skip_line();
        Ok(vec![step])
    }

    fn number<T: FromStr>(&self, text: &str) -> Result<T, String> {
        text.trim().parse().or_else(|_| self.fail("expected a number"))
    }

    /// The steps up to `END`.
    fn sends_together(&mut self) -> Result<Vec<Send>, String> {
        let mut sends = vec![];
        loop {
            match self.peek() {
                Some("END") => return Ok(sends),
                Some(_) => sends.extend(self.sends()?),
                None => return self.fail("TOGETHER without END"),
            }
        }
    }

    /// A request and what must come back, for each protocol that is meant.
    fn sends(&mut self) -> Result<Vec<Send>, String> {
        let (mut authorization, mut repeat, mut eventually) = (Authorization::default(), 1, false);
        let mut headers = vec![];
        loop {
            let Some(line) = self.peek() else { return self.fail("a step is missing") };
            if line == "NOAUTH" {
                authorization = Authorization::None;
            } else if line == "EVENTUALLY" {
                eventually = true;
            } else if let Some(text) = line.strip_prefix("AUTH ") {
                authorization = Authorization::Text(text.to_owned());
            } else if let Some(region) = line.strip_prefix("REGION ") {
                authorization = Authorization::Account(region.trim().to_owned());
            } else if let Some(times) = line.strip_prefix("REPEAT ") {
                repeat = self.number(times)?;
            } else if let Some(header) = line.strip_prefix("> ") {
                headers.push(self.header(header)?);
            } else {
                break;
            }
            self.skip_line();
        }
        let line = self.line_number();
        let (calls, body) = self.request()?;
        let expect = self.expect()?;
        let send = |call| Send {
            line,
            call,
            body: body.clone(),
            headers: headers.clone(),
            authorization: authorization.clone(),
            repeat,
            eventually,
            expect: expect.clone(),
        };
        Ok(calls.into_iter().map(send).collect())
    }

    /// `Name: value`.
    fn header(&self, line: &str) -> Result<(String, String), String> {
        match line.split_once(':') {
            Some((name, value)) => Ok((name.trim().to_owned(), value.trim().to_owned())),
            None => self.fail("a header is `Name: value`"),
        }
    }

    fn request(&mut self) -> Result<(Vec<Call>, Body), String> {
        let line = self.peek().unwrap_or_default();
        if let Some(rest) = line.strip_prefix("RAW ") {
            let (calls, length) = calls(rest).or_else(|why| self.fail(&why))?;
            let body = &rest[length..];
            self.skip_line();
            return Ok((calls, Body::Raw(body.strip_prefix(' ').unwrap_or(body).to_owned())));
        }
        let (calls, length) = calls(line).or_else(|why| self.fail(&why))?;
        let is_named = |name: &str| name.starts_with(|c: char| c.is_ascii_uppercase());
        if calls.iter().any(|call| matches!(&call.asked, Asked::Operation(name) if !is_named(name))) {
            return self.fail(&format!("expected an operation, found `{line}`"));
        }
        self.at += self.text[self.at..].find(line).unwrap_or(0) + length;
        let is_path = calls.iter().any(|call| matches!(call.asked, Asked::Path(..)));
        let body = match self.json()? {
            Some(body) => Body::Json(body),
            None if is_path => Body::None,
            None => Body::Json(Value::Object(Default::default())),
        };
        Ok((calls, body))
    }

    fn expect(&mut self) -> Result<Expect, String> {
        let Some(rest) = self.peek().and_then(|line| line.strip_prefix("->")) else {
            return self.fail("expected `-> status`");
        };
        let rest = rest.trim_start();
        let (status, rest) = rest.split_once(' ').unwrap_or((rest, ""));
        let status = self.number(status)?;
        let body = self.expected_body(rest.trim())?;
        let mut headers = vec![];
        while let Some(header) = self.peek().and_then(|line| line.strip_prefix("< ")) {
            headers.push(self.header(header)?);
            self.skip_line();
        }
        Ok(Expect { status, headers, body })
    }

    fn expected_body(&mut self, rest: &str) -> Result<ExpectBody, String> {
        if rest.is_empty() || rest.starts_with(JSON_STARTS) {
            self.at += self.text[self.at..].find("->").unwrap_or(0) + 2;
            self.at += self.text[self.at..].find(|c: char| c.is_ascii_digit()).unwrap_or(0) + 3;
            return Ok(self.json()?.map_or(ExpectBody::Any, ExpectBody::Json));
        }
        self.skip_line();
        if let Some(text) = rest.strip_prefix("TEXT") {
            return Ok(ExpectBody::Text(text.trim_start().to_owned()));
        }
        let is_code =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
        Ok(match (rest.split_once(": "), rest.split_once(" ~ ")) {
            (Some((code, message)), _) if is_code(code) => {
                ExpectBody::Error(code.to_owned(), message.to_owned())
            }
            (_, Some((code, part))) if is_code(code) => {
                ExpectBody::ErrorContains(code.to_owned(), part.to_owned())
            }
            _ => ExpectBody::ErrorCode(rest.to_owned()),
        })
    }

    /// A JSON value here, if one begins here (after white space).
    fn json(&mut self) -> Result<Option<Value>, String> {
        let rest = &self.text[self.at..];
        let start = rest.len() - rest.trim_start().len();
        if !rest[start..].starts_with(JSON_STARTS) {
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

    #[test]
    fn reads_calls_of_services() {
        let file = parse(
            "== one\ncloudwatch/*:ListMetrics\n{\"Namespace\": \"x\"}\n-> 200\n\
             > X-A: b\nsts:GET /a?b=c\n-> 200 TEXT ok\n< X-C: d\n\
             RAW sts:POST /a some text\n-> 200 \"text\"\n",
        )
        .unwrap();
        let steps = &file.cases[0].steps;
        assert_eq!(steps.len(), 5, "one for each of three protocols, and two");
        let Step::Send(send) = &steps[3] else { panic!() };
        assert_eq!(send.headers, [("X-A".into(), "b".into())]);
        assert!(matches!(&send.body, Body::None));
        assert!(matches!(&send.expect.body, ExpectBody::Text(text) if text == "ok"));
        assert_eq!(send.expect.headers, [("X-C".into(), "d".into())]);
        let Step::Send(send) = &steps[4] else { panic!() };
        assert!(matches!(&send.body, Body::Raw(text) if text == "some text"));
        assert!(matches!(&send.expect.body, ExpectBody::Json(Value::String(text)) if text == "text"));
    }
}
