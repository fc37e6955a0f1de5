//! The rules once more, as plainly as they can be written: on the JSON of the documents, by recursion, without
//! compiling anything. It shares no code with the crate.

use crate::world::{Asker, Question, World};
use serde_json::Value;

/// The decision in the words of the tables.
pub fn decide(world: &World, question: &Question) -> String {
    let asker = world.asker();
    let is_principal_of_account = matches!(asker.kind.as_str(), "user" | "session" | "federated" | "root");
    let at = |layer: &str, policy: Option<usize>, statement: usize| match policy {
        Some(policy) => format!("{layer} {policy}.{statement}"),
        None => format!("{layer}.{statement}"),
    };
    let empty = Vec::new();
    let boundary: Vec<Value> = world.boundary.iter().cloned().collect();
    let layers: [(&str, &[Value]); 3] = [
        ("identity", &world.identity),
        ("boundary", &boundary),
        ("session", world.session.as_ref().unwrap_or(&empty)),
    ];
    // 1. Whatever denies explicitly.
    for (layer, policies) in layers {
        for (number, policy) in policies.iter().enumerate() {
            if let Some(statement) = statements(policy)
                .iter()
                .position(|statement| statement["Effect"] == "Deny" && applies(policy, statement, question))
            {
                return format!("deny {}", at(layer, Some(number), statement));
            }
        }
    }
    let (resource_layer, resource) = match (&world.trust, &world.resource) {
        (Some(trust), _) => ("trust", Some(trust)),
        (None, resource) => ("resource", resource.as_ref()),
    };
    let mut best: Option<(u8, usize)> = None;
    if let Some(policy) = resource {
        for (number, statement) in statements(policy).iter().enumerate() {
            let deny = statement["Effect"] == "Deny";
            if deny && denied_principal(statement, &asker) && applies(policy, statement, question) {
                return format!("deny {}", at(resource_layer, None, number));
            }
            if let Some(reach) = allowed_principal(statement, &asker)
                && !deny
                && applies(policy, statement, question)
                && best.is_none_or(|(other, _)| reach > other)
            {
                best = Some((reach, number));
            }
        }
    }
    let allow = |policies: &[Value]| {
        policies.iter().enumerate().find_map(|(number, policy)| {
            let found = statements(policy)
                .iter()
                .position(|statement| statement["Effect"] == "Allow" && applies(policy, statement, question));
            found.map(|statement| (number, statement))
        })
    };
    let within = |found: String| {
        if world.boundary.is_some() && allow(&boundary).is_none() {
            return "implicit boundary".to_owned();
        }
        if world.session.as_ref().is_some_and(|session| allow(session).is_none()) {
            return "implicit session".to_owned();
        }
        found
    };
    let of_identity = || match allow(&world.identity) {
        Some((policy, statement)) => within(format!("allow {}", at("identity", Some(policy), statement))),
        None if asker.kind == "root" => within("allow".to_owned()),
        None => "implicit identity".to_owned(),
    };
    let of_resource = |statement| format!("allow {}", at(resource_layer, None, statement));
    // 2. Whoever is no principal of an account needs the resource's consent, and nothing else.
    if !is_principal_of_account {
        return match best {
            Some((reach, statement)) if reach > 1 => of_resource(statement),
            _ => format!("implicit {resource_layer}"),
        };
    }
    if world.trust.is_some() && best.is_none() {
        return "implicit trust".to_owned();
    }
    // 3. Across accounts both sides.
    if asker.account != world.owner() {
        let identity = of_identity();
        return match best {
            None if identity.starts_with("allow") => format!("implicit {resource_layer}"),
            _ => identity,
        };
    }
    // 4. At home one side; the role and everyone within the limits.
    match best {
        Some((3, statement)) => of_resource(statement),
        Some((2, statement)) => within(of_resource(statement)),
        _ => of_identity(),
    }
}

fn statements(policy: &Value) -> Vec<Value> {
    list(&policy["Statement"])
}

fn list(value: &Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list.clone(),
        Value::Null => Vec::new(),
        one => vec![one.clone()],
    }
}

fn strings(value: &Value) -> Vec<String> {
    list(value).iter().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect()
}

/// 1: the account, 2: everyone or the role, 3: itself.
fn reach(kind: &str, name: &str, asker: &Asker) -> Option<u8> {
    let of_account = !matches!(asker.kind.as_str(), "service" | "web" | "anonymous");
    if name == "*" {
        return Some(if matches!(asker.kind.as_str(), "service" | "web" | "root") { 3 } else { 2 });
    }
    match kind {
        "Service" => (asker.kind == "service" && name == "lambda.amazonaws.com").then_some(3),
        "Federated" => (asker.kind == "web" && name == "idp.example.com").then_some(3),
        _ if of_account && name == asker.account => Some(if asker.kind == "root" { 3 } else { 1 }),
        _ if of_account && name == format!("arn:aws:iam::{}:root", asker.account) => {
            Some(if asker.kind == "root" { 3 } else { 1 })
        }
        _ if !asker.arn.is_empty() && name == asker.arn => Some(3),
        _ if asker.kind == "session" && name == asker.role_arn => Some(2),
        _ if asker.kind == "session" && name == "AROAAAAAAAAAAAAAAAAAA" => Some(2),
        _ if asker.kind == "user" && name == "AIDAAAAAAAAAAAAAAAAAA" => Some(3),
        _ => None,
    }
}

fn reaches(principal: &Value, asker: &Asker) -> Vec<u8> {
    let mut found = Vec::new();
    match principal {
        Value::String(_) => found.extend(reach("AWS", "*", asker)),
        Value::Object(kinds) => {
            for (kind, names) in kinds {
                found.extend(strings(names).iter().filter_map(|name| reach(kind, name, asker)));
            }
        }
        _ => {}
    }
    found
}

fn allowed_principal(statement: &Value, asker: &Asker) -> Option<u8> {
    match statement.get("NotPrincipal") {
        Some(names) => reaches(names, asker).is_empty().then_some(2),
        None => reaches(&statement["Principal"], asker).into_iter().max(),
    }
}

fn denied_principal(statement: &Value, asker: &Asker) -> bool {
    let Some(names) = statement.get("NotPrincipal") else {
        return !reaches(&statement["Principal"], asker).is_empty();
    };
    if names.to_string().contains("\"*\"") {
        return false;
    }
    let found = reaches(names, asker);
    let needed: &[u8] = match asker.kind.as_str() {
        "session" => &[1, 2, 3],
        "user" | "federated" => &[1, 3],
        "anonymous" => return true,
        _ => &[3],
    };
    !needed.iter().all(|reach| found.contains(reach))
}

fn applies(policy: &Value, statement: &Value, question: &Question) -> bool {
    let variables = policy["Version"] == "2012-10-17";
    let mut undefined = false;
    let mut matched = |one: &str, text: &str, wild: bool, fold: bool, variables: bool| match expand(
        one, wild, variables, question,
    ) {
        Some(pattern) if fold => wildcard(&lower(&pattern), &text.to_lowercase().chars().collect::<Vec<_>>()),
        Some(pattern) => wildcard(&pattern, &text.chars().collect::<Vec<_>>()),
        None => {
            undefined = true;
            false
        }
    };
    let action = |name: &str, matched: &mut dyn FnMut(&str, &str, bool, bool, bool) -> bool| {
        let mut any = false;
        for one in strings(&statement[name]) {
            any |= matched(&one, &question.action, true, true, false);
        }
        any
    };
    let is_about = match statement.get("NotAction") {
        Some(_) => !action("NotAction", &mut matched),
        None => action("Action", &mut matched),
    };
    let resource = |name: &str, matched: &mut dyn FnMut(&str, &str, bool, bool, bool) -> bool| {
        let mut any = false;
        for one in strings(&statement[name]) {
            any |= arn(&one, &question.resource, variables, matched).unwrap_or(false);
        }
        any
    };
    let is_there = match (statement.get("NotResource"), statement.get("Resource")) {
        (Some(_), _) => !resource("NotResource", &mut matched),
        (None, Some(_)) => resource("Resource", &mut matched),
        (None, None) => true,
    };
    let mut holds = true;
    if let Some(operators) = statement["Condition"].as_object() {
        for (operator, keys) in operators {
            for (key, values) in keys.as_object().unwrap() {
                holds &= condition(operator, key, &strings(values), variables, question, &mut matched);
            }
        }
    }
    is_about && is_there && holds && !undefined
}

fn arn(
    pattern: &str,
    text: &str,
    variables: bool,
    matched: &mut dyn FnMut(&str, &str, bool, bool, bool) -> bool,
) -> Option<bool> {
    if pattern == "*" {
        return Some(true);
    }
    let (patterns, texts) = (colons(pattern, variables), colons(text, false));
    if patterns.len() < 6 {
        return Some(false);
    }
    if texts.len() < 6 {
        // The variables of a pattern count, whatever it is compared with.
        patterns.iter().for_each(|part| _ = matched(part, "", true, false, variables));
        return None;
    }
    let mut all = true;
    for (pattern, text) in patterns.iter().zip(&texts) {
        all &= matched(pattern, text, true, false, variables);
    }
    Some(all)
}

/// At most six parts; a colon inside `${…}` is none.
fn colons(text: &str, variables: bool) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = false;
    let chars: Vec<char> = text.chars().collect();
    for (place, &char) in chars.iter().enumerate() {
        if variables && char == '$' && chars.get(place + 1) == Some(&'{') && chars[place..].contains(&'}') {
            depth = true;
        }
        if char == ':' && !depth && parts.len() < 6 {
            parts.push(String::new());
        } else {
            parts.last_mut().unwrap().push(char);
        }
        if char == '}' {
            depth = false;
        }
    }
    parts
}

/// A character, or a wildcard.
#[derive(Clone, PartialEq)]
enum Sign {
    Char(char),
    One,
    Run,
}

fn lower(signs: &[Sign]) -> Vec<Sign> {
    let each = |sign: &Sign| match sign {
        Sign::Char(char) => char.to_lowercase().map(Sign::Char).collect(),
        other => vec![other.clone()],
    };
    signs.iter().flat_map(each).collect()
}

fn expand(text: &str, wild: bool, variables: bool, question: &Question) -> Option<Vec<Sign>> {
    let Some(char) = text.chars().next() else { return Some(Vec::new()) };
    if variables && text.starts_with("${") && text.contains('}') {
        let (inside, rest) = text[2..].split_once('}').unwrap();
        let value = match inside {
            "*" | "?" | "$" => inside.to_owned(),
            _ => {
                let (key, default) = inside.split_once(',').unwrap_or((inside, ""));
                let default = default.trim().strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
                match question.keys.get(&key.trim().to_lowercase()).map(Vec::as_slice) {
                    Some([one]) => one.clone(),
                    _ => default?.to_owned(),
                }
            }
        };
        let mut signs: Vec<Sign> = value.chars().map(Sign::Char).collect();
        signs.extend(expand(rest, wild, variables, question)?);
        return Some(signs);
    }
    let mut signs = vec![match char {
        '*' if wild => Sign::Run,
        '?' if wild => Sign::One,
        _ => Sign::Char(char),
    }];
    signs.extend(expand(&text[char.len_utf8()..], wild, variables, question)?);
    Some(signs)
}

fn wildcard(pattern: &[Sign], text: &[char]) -> bool {
    match (pattern.first(), text.first()) {
        (None, None) => true,
        (Some(Sign::Run), _) => {
            wildcard(&pattern[1..], text) || !text.is_empty() && wildcard(pattern, &text[1..])
        }
        (Some(Sign::One), Some(_)) => wildcard(&pattern[1..], &text[1..]),
        (Some(Sign::Char(a)), Some(b)) => a == b && wildcard(&pattern[1..], &text[1..]),
        _ => false,
    }
}

fn condition(
    operator: &str,
    key: &str,
    values: &[String],
    variables: bool,
    question: &Question,
    matched: &mut dyn FnMut(&str, &str, bool, bool, bool) -> bool,
) -> bool {
    let operator = operator.to_lowercase();
    let found = question.keys.get(&key.to_lowercase()).filter(|values| !values.is_empty());
    if operator == "null" {
        return values.iter().any(|value| value.eq_ignore_ascii_case("true") == found.is_none());
    }
    let (set, plain) = operator.split_once(':').unwrap_or(("", &operator));
    let (plain, if_exists) = match plain.strip_suffix("ifexists") {
        Some(plain) => (plain, true),
        None => (plain, false),
    };
    let negated = plain.contains("not");
    let plain = plain.replace("not", "");
    let Some(found) = found else {
        // A value of the policy must have its variables, whether or not there is a value to compare.
        let fold = plain == "stringequalsignorecase";
        if plain.starts_with("string") {
            values.iter().for_each(|value| _ = matched(value, "", plain == "stringlike", fold, variables));
        }
        if plain.starts_with("arn") {
            values.iter().for_each(|value| _ = arn(value, "a:b:c:d:e:f", variables, matched));
        }
        return if_exists || set == "forallvalues" || set.is_empty() && negated;
    };
    let mut results = Vec::new();
    for value in found {
        let mut one = Some(false);
        for wanted in values {
            match compare(&plain, value, wanted, variables, matched) {
                Some(true) => one = Some(true),
                None if one == Some(false) => one = None,
                _ => {}
            }
        }
        results.push(one == Some(!negated));
    }
    match set {
        "forallvalues" => results.iter().all(|result| *result),
        "foranyvalue" => results.iter().any(|result| *result),
        _ if negated => results.iter().all(|result| *result),
        _ => results.iter().any(|result| *result),
    }
}

fn compare(
    operator: &str,
    value: &str,
    wanted: &str,
    variables: bool,
    matched: &mut dyn FnMut(&str, &str, bool, bool, bool) -> bool,
) -> Option<bool> {
    if let Some(comparison) = operator.strip_prefix("numeric") {
        let (value, wanted) = (value.parse::<f64>().ok()?, wanted.parse::<f64>().ok()?);
        return Some(ordered(comparison, value.partial_cmp(&wanted)?));
    }
    if let Some(comparison) = operator.strip_prefix("date") {
        return Some(ordered(comparison, seconds(value)?.cmp(&seconds(wanted)?)));
    }
    match operator {
        "stringequals" => Some(matched(wanted, value, false, false, variables)),
        "stringequalsignorecase" => Some(matched(wanted, value, false, true, variables)),
        "stringlike" => Some(matched(wanted, value, true, false, variables)),
        "binaryequals" => Some(value == wanted),
        "bool" => {
            let of = |text: &str| match text.to_lowercase().as_str() {
                "true" => Some(true),
                "false" => Some(false),
                _ => None,
            };
            Some(of(value)? == of(wanted)?)
        }
        "ipaddress" => {
            let bits = |text: &str| -> Option<String> {
                let address: std::net::IpAddr = text.parse().ok()?;
                Some(match address {
                    std::net::IpAddr::V4(v4) => format!("4{:032b}", u32::from(v4)),
                    std::net::IpAddr::V6(v6) => format!("6{:0128b}", u128::from(v6)),
                })
            };
            let value = bits(value)?;
            let (network, length) = wanted.split_once('/').unwrap_or((wanted, "128"));
            let network = bits(network)?;
            let length = length.parse::<usize>().unwrap().min(network.len() - 1);
            Some(value.len() == network.len() && value[..=length] == network[..=length])
        }
        "arnequals" | "arnlike" => arn(wanted, value, variables, matched),
        other => panic!("{other}"),
    }
}

fn ordered(comparison: &str, ordering: std::cmp::Ordering) -> bool {
    match comparison {
        "equals" => ordering.is_eq(),
        "lessthan" => ordering.is_lt(),
        "lessthanequals" => ordering.is_le(),
        "greaterthan" => ordering.is_gt(),
        "greaterthanequals" => ordering.is_ge(),
        other => panic!("{other}"),
    }
}

/// Whole seconds of the forms that the tables use.
fn seconds(text: &str) -> Option<i64> {
    if text.len() != 4
        && let Ok(seconds) = text.parse()
    {
        return Some(seconds);
    }
    let full = match text.len() {
        4 => format!("{text}-01-01T00:00:00Z"),
        7 => format!("{text}-01T00:00:00Z"),
        10 => format!("{text}T00:00:00Z"),
        17 => format!("{}:00Z", &text[..16]),
        _ => text.to_owned(),
    };
    let number = |range: std::ops::Range<usize>| full.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let mut days = 0;
    for past in 1970..year {
        days += if is_leap(past) { 366 } else { 365 };
    }
    let months = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(1..=12).contains(&month) || day < 1 || day > months[month as usize - 1] {
        return None;
    }
    days += months[..month as usize - 1].iter().sum::<i64>() + day - 1;
    let time = number(11..13)? * 3_600 + number(14..16)? * 60 + number(17..19)?;
    let zone = full.get(19..)?;
    let offset = match zone {
        "Z" => 0,
        _ => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            sign * (zone.get(1..3)?.parse::<i64>().ok()? * 3_600 + zone.get(4..6)?.parse::<i64>().ok()? * 60)
        }
    };
    Some(days * 86_400 + time - offset)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}
