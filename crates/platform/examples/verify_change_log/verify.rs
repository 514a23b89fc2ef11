//! The verification itself.

use std::collections::HashMap;
use std::io::BufRead;

use ring::signature::{ED25519, UnparsedPublicKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};

/// Public keys by version.
pub type Keys = HashMap<u8, Vec<u8>>;

/// What was found.
#[derive(Debug, Default)]
pub struct Outcome {
    /// How many links were read.
    pub links: i64,
    /// How many checkpoints were read.
    pub checkpoints: i64,
    /// Position and hash of the last link.
    pub end: String,
    /// What is wrong, each with its line.
    pub findings: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    log: String,
    house: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Link {
    position: i64,
    change: i64,
    at: i64,
    actor: String,
    on_behalf_of: Option<String>,
    operation: String,
    subject: String,
    approved_by: Option<String>,
    trace: String,
    digest: String,
    hash: String,
    content: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Checkpoint {
    checkpoint: i64,
    position: i64,
    hash: String,
    at: i64,
    key: u8,
    signature: String,
}

/// Reads public keys: a line each, version and digits.
pub fn read_keys(text: &str) -> Option<Keys> {
    text.lines()
        .map(|line| line.split_once(' ').and_then(|(version, digits)| Some((version.parse().ok()?, bytes(digits)?))))
        .collect()
}

/// Reads the export line by line.
pub fn verify(export: impl BufRead, keys: &Keys) -> Outcome {
    let mut outcome = Outcome::default();
    let mut house = None;
    let mut hashes: HashMap<i64, String> = HashMap::new();
    let mut before = vec![0; 32];
    let mut signed = 0;
    for (number, line) in (1_u64..).zip(export.split(b'\n')) {
        let wrong = match line {
            Err(error) => Some(error.to_string()),
            Ok(line) if number == 1 => match first(&line) {
                Some(name) => {
                    house = Some(name);
                    None
                }
                None => Some("not the head of a change log".to_owned()),
            },
            Ok(line) if line.starts_with(b"{\"position\"") && outcome.checkpoints == 0 => {
                outcome.links += 1;
                link(&line, house.as_deref().unwrap_or_default(), outcome.links, &mut before, &mut hashes).err()
            }
            Ok(line) => {
                outcome.checkpoints += 1;
                let read = checkpoint(&line, house.as_deref().unwrap_or_default(), outcome.checkpoints, keys, &hashes);
                read.map(|position| signed = position).err()
            }
        };
        outcome.findings.extend(wrong.map(|wrong| format!("line {number}: {wrong}")));
    }
    if house.is_none() {
        outcome.findings.push("the export is empty".to_owned());
    }
    if signed != outcome.links {
        outcome.findings.push(format!("{} links, the last signed position is {signed}", outcome.links));
    }
    outcome.end = format!("{}:{}", outcome.links, hashes.get(&outcome.links).map_or("", String::as_str));
    outcome
}

fn first(line: &[u8]) -> Option<String> {
    serde_json::from_slice(line).ok().and_then(|first: First| (first.log == "nemkonto-change-log-1").then_some(first.house))
}

fn link(line: &[u8], house: &str, expected: i64, before: &mut Vec<u8>, hashes: &mut HashMap<i64, String>) -> Result<(), String> {
    let link: Link = serde_json::from_slice(line).map_err(|_| "not a link".to_owned())?;
    let stored = bytes(&link.hash).ok_or("the hash is not hexadecimal")?;
    let computed = hash_of(&link, house, before).ok_or("trace or digest is not hexadecimal");
    // From here on the chain goes on from what is stored.
    before.clone_from(&stored);
    hashes.insert(expected, link.hash.clone());
    if link.position != expected {
        return Err(format!("position {} stands where {expected} belongs", link.position));
    }
    if computed? != stored {
        return Err(format!("position {expected} was changed, or the one before it"));
    }
    let Some(content) = &link.content else { return Ok(()) };
    let content = bytes(content).ok_or("the content is not hexadecimal")?;
    let digest = Sha256::new_with_prefix("nemkonto-content-1").chain_update(content).finalize();
    if bytes(&link.digest).is_some_and(|stored| stored == digest.as_slice()) {
        return Ok(());
    }
    Err(format!("the content of position {expected} was changed"))
}

fn hash_of(link: &Link, house: &str, before: &[u8]) -> Option<Vec<u8>> {
    let mut input = b"nemkonto-link-1".to_vec();
    text(&mut input, house);
    input.extend_from_slice(before);
    for number in [link.position, link.change, link.at] {
        input.extend_from_slice(&number.to_be_bytes());
    }
    text(&mut input, &link.actor);
    option(&mut input, link.on_behalf_of.as_deref());
    text(&mut input, &link.operation);
    text(&mut input, &link.subject);
    option(&mut input, link.approved_by.as_deref());
    input.extend(bytes(&link.trace)?);
    input.extend(bytes(&link.digest)?);
    Some(Sha256::digest(input).to_vec())
}

fn checkpoint(line: &[u8], house: &str, expected: i64, keys: &Keys, hashes: &HashMap<i64, String>) -> Result<i64, String> {
    let stored: Checkpoint = serde_json::from_slice(line).map_err(|_| "not a checkpoint".to_owned())?;
    if stored.checkpoint != expected {
        return Err(format!("checkpoint {} stands where {expected} belongs", stored.checkpoint));
    }
    let mut message = b"nemkonto-checkpoint-1".to_vec();
    text(&mut message, house);
    message.extend_from_slice(&stored.checkpoint.to_be_bytes());
    message.extend_from_slice(&stored.position.to_be_bytes());
    message.extend(bytes(&stored.hash).ok_or("the hash is not hexadecimal")?);
    message.extend_from_slice(&stored.at.to_be_bytes());
    message.push(stored.key);
    let signature = bytes(&stored.signature).ok_or("the signature is not hexadecimal")?;
    let key = keys.get(&stored.key).ok_or_else(|| format!("there is no key of version {}", stored.key))?;
    UnparsedPublicKey::new(&ED25519, key)
        .verify(&message, &signature)
        .map_err(|_| format!("checkpoint {expected} is not signed with this key"))?;
    if hashes.get(&stored.position) != Some(&stored.hash) {
        return Err(format!("checkpoint {expected} does not fit the chain at position {}", stored.position));
    }
    Ok(stored.position)
}

fn text(into: &mut Vec<u8>, text: &str) {
    into.extend_from_slice(&u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    into.extend_from_slice(text.as_bytes());
}

fn option(into: &mut Vec<u8>, value: Option<&str>) {
    into.push(u8::from(value.is_some()));
    if let Some(value) = value {
        text(into, value);
    }
}

/// Lower-case hexadecimal digits only, so that the same bytes have one text.
fn bytes(digits: &str) -> Option<Vec<u8>> {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, []) = digits.as_bytes().as_chunks::<2>() else { return None };
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
}
