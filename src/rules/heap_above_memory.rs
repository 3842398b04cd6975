//! A program may take more memory than its container has.

use super::{Applies, Findings, Rule};
use crate::diagnostics::Severity;
use crate::key_path::KeyPath;
use crate::stack::{Command, EnvValue, EnvVar, Stack};
use crate::values::Size;

/// The rule.
pub const RULE: Rule = Rule {
    id: "heap-above-memory",
    severity: Severity::Warning,
    applies: Applies::Always,
    what: "A program is told that it may have as much memory as its container, or more; or to start with more than it may have",
    why: "It sees no reason to tidy up before the limit of the container is reached, where the kernel kills it; and what is not heap needs room, too. Java does not start with `-Xms` above `-Xmx`.",
    instead: "Leave a quarter of `resources.limits.memory` to the rest, or raise that.",
    check,
};

/// Where the heap's size stands: what comes before the number. The unit is behind it, or MiB.
const OPTIONS: [&str; 3] = ["-Xmx", "--max-old-space-size=", "--max_old_space_size="];

/// Units of the Java machine and of Go, in KiB.
const UNITS: [(&str, u64); 4] = [("k", 1), ("m", 1 << 10), ("g", 1 << 20), ("t", 1 << 30)];

fn check(stack: &Stack, found: &mut Findings) {
    for service in &stack.services {
        let command = if let Command::Args(args) = &service.command { args.as_slice() } else { &[] };
        let path = KeyPath::of(&["services", service.name.as_str(), "command"]);
        look(service.name.as_str(), (&service.env, command, path), service.resources.limit_memory, found);
    }
    for (store, container) in stack.backing_services.iter().filter_map(|store| Some((store, store.kind.container()?))) {
        let Some(server) = &store.server else { continue };
        let path = KeyPath::of(&["backing_services", store.name.as_str(), "command"]);
        look(store.name.as_str(), (&container.env, &server.command, path), server.resources.limit_memory, found);
    }
}

fn look(name: &str, (env, command, path): (&[EnvVar], &[String], KeyPath), limit: Size, found: &mut Findings) {
    starts_above(command, &path, env, found);
    let vars = env.iter().filter_map(|var| if let EnvValue::Literal(text) = &var.value { Some((var.declared.clone(), var.name.as_str(), text)) } else { None });
    let words = command.iter().enumerate().map(|(at, word)| (path.index(at), "", word));
    for (path, variable, text) in vars.chain(words) {
        let limit_kib = limit.whole_mib() << 10;
        if variable == "GOMEMLIMIT" {
            go(name, path, text, limit_kib, found);
            continue;
        }
        let Some((whole, kib)) = heap(text).filter(|(_, kib)| *kib >= limit_kib) else { continue };
        let right = format!("{}{}", &whole[..whole.find(|c: char| c.is_ascii_digit()).unwrap_or_default()], limit.whole_mib() * 3 / 4);
        let right = if whole.starts_with("-Xmx") { format!("{right}m") } else { right };
        let message = format!("`{name}` may fill {} by `{whole}`, and its limit is {limit}", Size::mib(kib >> 10));
        let least = if text.contains("-Xms") { ", with `-Xms` no larger" } else { "" };
        let help = format!("Write `{right}` in place of `{whole}`{least}, or raise `resources.limits.memory` above it.");
        found.with_help(path, message, help);
    }
}

/// Java refuses to start with a larger heap than it may have.
fn starts_above(command: &[String], path: &KeyPath, env: &[EnvVar], found: &mut Findings) {
    let of_command = (path.clone(), command.join(" "));
    let vars = env.iter().filter_map(|var| if let EnvValue::Literal(text) = &var.value { Some((var.declared.clone(), text.clone())) } else { None });
    for (path, text) in vars.chain([of_command]) {
        // Of several, the last one counts.
        let last = |option: &str| text.split_whitespace().map(|word| word.trim_matches(['"', '\''])).rfind(|word| word.starts_with(option));
        let (Some(first), Some(most)) = (last("-Xms"), last("-Xmx")) else { continue };
        let kib = |word: &str| heap(&word.replacen("-Xms", "-Xmx", 1)).map(|(_, kib)| kib);
        if kib(first) > kib(most) && kib(most).is_some() {
            let message = format!("Java does not start: `{first}` is more than `{most}`");
            let right = most.replacen("-Xmx", "-Xms", 1);
            found.with_help(path, message, format!("Write `{right}` in place of `{first}`."));
        }
    }
}

/// The option with the heap's size, and that in KiB.
fn heap(text: &str) -> Option<(&str, u64)> {
    text.split_whitespace().map(|word| word.trim_matches(['"', '\''])).find_map(|word| {
        let rest = OPTIONS.iter().find_map(|option| word.strip_prefix(option))?;
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (number, unit) = (rest[..end].parse::<u64>().ok()?, rest[end..].to_ascii_lowercase());
        let unit = match unit.as_str() {
            "" if word.starts_with("-Xmx") => return Some((word, number >> 10)),
            "" => 1 << 10,
            unit => UNITS.iter().find(|known| known.0 == unit)?.1,
        };
        Some((word, number.checked_mul(unit)?))
    })
}

/// Go knows its own notation alone, and does not start with another.
fn go(name: &str, path: KeyPath, text: &str, limit: u64, found: &mut Findings) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (Ok(number), unit) = (text[..end].parse::<u64>(), &text[end..]) else { return };
    let first = unit.to_ascii_lowercase();
    let Some((_, factor)) = UNITS.iter().find(|known| first.starts_with(known.0)) else { return };
    let right = format!("{}MiB", (limit >> 10) * 9 / 10);
    if !unit.ends_with("iB") {
        let notation = format!("{number}{}iB", first[..1].to_ascii_uppercase());
        let right = if number.saturating_mul(*factor) > limit { right } else { notation };
        let message = format!("Go does not start with `GOMEMLIMIT: {text}`: it knows `KiB`, `MiB` and `GiB`");
        found.with_help(path, message, format!("Write `GOMEMLIMIT: {right}`."));
    } else if number.saturating_mul(*factor) > limit {
        let message = format!("`{name}` may fill {text} by `GOMEMLIMIT`, and its limit is {}", Size::mib(limit >> 10));
        found.with_help(path, message, format!("Write `GOMEMLIMIT: {right}`, or raise `resources.limits.memory` above it."));
    }
}

#[cfg(test)]
mod tests {
    use super::heap;

    #[test]
    fn sizes_of_heaps() {
        assert_eq!(heap("-Xms256m -Xmx2g"), Some(("-Xmx2g", 2 << 20)));
        assert_eq!(heap("--max-old-space-size=4096"), Some(("--max-old-space-size=4096", 4096 << 10)));
        assert_eq!((heap("-Xmxlarge"), heap("-XX:MaxRAMPercentage=75")), (None, None));
    }
}
