//! Schedules.

use super::Scalar;
use std::fmt;

/// A schedule in the five fields of cron, in UTC.
///
/// Where the day of the month and the day of the week are both given, either is enough. A field is not given if it is `*`, as
/// Kubernetes has it: `*/2` is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    text: String,
    minutes: Set,
    hours: Set,
    days: Set,
    months: Set,
    weekdays: Set,
}

/// What a field lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set {
    /// The numbers, as bits.
    bits: u64,
    /// True for `*`.
    any: bool,
}

/// A field: its name for people, its numbers, and names for them from the first on.
struct Field {
    name: &'static str,
    low: u32,
    high: u32,
    names: &'static [&'static str],
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];
const SUNDAY: u32 = 7;
const FIELDS: [Field; 5] = [
    Field { name: "minute (0 to 59)", low: 0, high: 59, names: &[] },
    Field { name: "hour (0 to 23)", low: 0, high: 23, names: &[] },
    Field { name: "day of the month (1 to 31)", low: 1, high: 31, names: &[] },
    Field { name: "month (1 to 12, or JAN to DEC)", low: 1, high: 12, names: &MONTHS },
    Field { name: "day of the week (0 to 7, or SUN to SAT)", low: 0, high: 6, names: &WEEKDAYS },
];
/// The longest that each month gets.
const DAYS: [u32; 12] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

impl Field {
    fn number(&self, text: &str) -> Option<u32> {
        if let Some(at) = self.names.iter().position(|name| text.eq_ignore_ascii_case(name)) {
            return Some(self.low + u32::try_from(at).ok()?);
        }
        let digits = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        let is_sunday = self.high == 6 && text == "7";
        text.parse().ok().filter(|number| digits && (is_sunday || (self.low..=self.high).contains(number)))
    }

    fn set(&self, text: &str) -> Option<Set> {
        let mut set = Set { bits: 0, any: false };
        for part in text.split(',') {
            let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
            let (from, to) = match range.split_once('-') {
                _ if range == "*" => (self.low, self.high),
                Some((from, to)) => (self.number(from)?, self.number(to)?),
                None => {
                    let from = self.number(range)?;
                    (from, if step.is_some() { from.max(self.high) } else { from })
                }
            };
            let step = match step {
                None => 1,
                Some(text) if text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit()) => text.parse().ok().filter(|step| (1..=self.high).contains(step))?,
                Some(_) => return None,
            };
            // FRI-SUN.
            let to = if to == 0 && from > 0 && self.high == 6 { SUNDAY } else { to };
            if from > to {
                return None;
            }
            let numbers = (from..=to).step_by(usize::try_from(step).ok()?);
            set.bits |= numbers.map(|number| 1_u64 << if self.high == 6 { number % SUNDAY } else { number }).fold(0, |all, bit| all | bit);
            set.any |= range == "*" && step == 1;
        }
        Some(set)
    }
}

impl Set {
    fn has(self, number: u32) -> bool {
        self.bits & (1 << number) != 0
    }

    fn numbers(self) -> Vec<u32> {
        (0..64).filter(|number| self.has(*number)).collect()
    }

    /// In the words of systemd: `*`, or numbers and ranges.
    fn calendar(self, field: &Field, order: &[u32], word: fn(u32) -> String) -> String {
        let numbers: Vec<u32> = order.iter().copied().filter(|number| self.has(*number)).collect();
        if u32::try_from(numbers.len()) == Ok(field.high - field.low + 1) {
            return "*".to_owned();
        }
        let mut words: Vec<String> = Vec::new();
        let mut at = 0;
        while let Some(first) = numbers.get(at) {
            // Numbers that follow each other.
            let length = numbers[at..].iter().zip(order.iter().skip_while(|other| *other != first)).take_while(|(a, b)| a == b).count();
            match numbers.get(at + length - 1) {
                Some(last) if length > 2 => words.push(format!("{}..{}", word(*first), word(*last))),
                _ => words.extend(numbers[at..at + length].iter().map(|number| word(*number))),
            }
            at += length;
        }
        words.join(",")
    }
}

impl Cron {
    /// The five fields, as they are written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// For Kubernetes, which has no day 7.
    pub fn for_kubernetes(&self) -> String {
        let Some((rest, weekdays)) = self.text.rsplit_once(' ') else { return self.text.clone() };
        let mut starts = weekdays.split(',').map(|part| part.split('/').next().unwrap_or(part));
        // A range up to Sunday: there the week ends with Saturday.
        let wraps = |range: &str| range.split_once('-').is_some_and(|(_, to)| to == "7" || to.eq_ignore_ascii_case(WEEKDAYS[0]));
        if !starts.any(|start| start.starts_with('7') || wraps(start)) {
            return self.text.clone();
        }
        let numbers: Vec<String> = self.weekdays.numbers().iter().map(ToString::to_string).collect();
        format!("{rest} {}", if self.weekdays.any { "*".to_owned() } else { numbers.join(",") })
    }

    /// For `OnCalendar` of a systemd timer: one or two lines, which hold together where either is enough.
    pub fn for_systemd(&self) -> Vec<String> {
        let two = |number: u32| format!("{number:02}");
        let all: Vec<u32> = (0..60).collect();
        let [minute, hour, day, month, weekday] = &FIELDS;
        let time = format!("{}:{}:00 UTC", self.hours.calendar(hour, &all, two), self.minutes.calendar(minute, &all, two));
        let months = self.months.calendar(month, &all, two);
        let days = format!("*-{months}-{} {time}", self.days.calendar(day, &all, two));
        let name = |number: u32| {
            let name = WEEKDAYS.get(number as usize).copied().unwrap_or_default();
            format!("{}{}", &name[..1], name[1..].to_ascii_lowercase())
        };
        // systemd's week starts with Monday.
        let weekdays = self.weekdays.calendar(weekday, &[1, 2, 3, 4, 5, 6, 0], name);
        let weekdays = if weekdays == "*" { format!("*-{months}-* {time}") } else { format!("{weekdays} *-{months}-* {time}") };
        match (self.days.any, self.weekdays.any) {
            (_, true) => vec![days],
            (true, false) => vec![weekdays],
            (false, false) if !self.has_days() => vec![weekdays],
            (false, false) => vec![days, weekdays],
        }
    }

    /// False for the 30th of February.
    fn has_days(&self) -> bool {
        let in_month = |month: u32| DAYS.get(month as usize - 1).is_some_and(|last| (1..=*last).any(|day| self.days.has(day)));
        self.months.numbers().into_iter().any(in_month)
    }
}

impl fmt::Display for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Scalar for Cron {
    const FORMAT: &'static str = "cron";
    const EXPECTS: &'static str = "five fields in quotes: minute, hour, day of the month, month, day of the week, such as `\"0 3 * * *\"`";
    const PATTERN: &'static str = r"^[0-9A-Za-z*,/-]+( [0-9A-Za-z*,/-]+){4}$";
    const EXAMPLES: &'static [&'static str] = &["0 3 * * *", "*/15 8-18 * * MON-FRI"];

    fn parse(text: &str) -> Result<Self, String> {
        let fields: Vec<_> = text.split(' ').collect();
        if fields.len() != 5 {
            let count = fields.iter().filter(|f| !f.is_empty()).count();
            return Err(format!("{count} field{}", if count == 1 { "" } else { "s" }));
        }
        let set = |at: usize| FIELDS[at].set(fields[at]).ok_or_else(|| format!("`{}` is no {}", fields[at], FIELDS[at].name));
        let cron = Self { text: text.to_owned(), minutes: set(0)?, hours: set(1)?, days: set(2)?, months: set(3)?, weekdays: set(4)? };
        if cron.has_days() || !cron.weekdays.any { Ok(cron) } else { Err("no month of it has that day".to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schedules() {
        for right in ["0 3 * * *", "*/5 * * * *", "0,30 8-18/2 1 1-6 0-7", "0 0 29 2 *", "5/20 0 * jan-Mar,DEC FRI-SUN", "0 0 30 2 MON"] {
            assert!(Cron::parse(right).is_ok(), "{right}");
        }
        for wrong in [
            "",
            "0 3 * *",
            "60 3 * * *",
            "0 24 * * *",
            "0 0 0 * *",
            "0 0 * 13 *",
            "0  3 * * *",
            "*/0 * * * *",
            "5-1 * * * *",
            "@daily",
            "0 3 * * * *",
            "0 0 30 2 *",
            "0 0 31 4,6,9,11 *",
            "0 0 * FEBRUARY *",
            "MON 0 * * *",
            "0 0 * * 8",
            "0 0 * * SAT-MON",
            "*/60 * * * *",
            "1- * * * *",
            ", * * * *",
            "* * * * */",
            "07-7 * * * 07",
        ] {
            assert!(Cron::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn calendars_read_well() {
        for (cron, calendar) in [
            ("0 3 * * *", vec!["*-*-* 03:00:00 UTC"]),
            ("*/15 8-18 * * 1-5", vec!["Mon..Fri *-*-* 08..18:00,15,30,45:00 UTC"]),
            ("* * * * *", vec!["*-*-* *:*:00 UTC"]),
            ("0 0 1,15 * 7", vec!["*-*-01,15 00:00:00 UTC", "Sun *-*-* 00:00:00 UTC"]),
            ("0 0 * JAN,feb,Mar FRI-SUN", vec!["Fri..Sun *-01..03-* 00:00:00 UTC"]),
            ("5 4 */2 * *", vec!["*-*-01,03,05,07,09,11,13,15,17,19,21,23,25,27,29,31 04:05:00 UTC"]),
            ("0 0 30 2 MON", vec!["Mon *-02-* 00:00:00 UTC"]),
            ("0 0 13 * */1", vec!["*-*-13 00:00:00 UTC"]),
        ] {
            assert_eq!(Cron::parse(cron).map(|cron| cron.for_systemd()), Ok(calendar.into_iter().map(str::to_owned).collect()), "{cron}");
        }
    }

    #[test]
    fn kubernetes_gets_days_that_it_knows() {
        for (cron, expected) in [
            ("0 3 * * 7", "0 3 * * 0"),
            ("0 3 * * 5-7", "0 3 * * 0,5,6"),
            ("0 3 * * FRI-SUN", "0 3 * * 0,5,6"),
            ("0 3 7 7 */7", ""),
            ("7 7 7 7 MON-5", "7 7 7 7 MON-5"),
            ("0 3 * * 7,*", "0 3 * * *"),
        ] {
            assert_eq!(Cron::parse(cron).map(|cron| cron.for_kubernetes()).unwrap_or_default(), expected, "{cron}");
        }
    }

    /// The days of four years, each as day of the month, month, day of the week: the first is a Tuesday in a leap year.
    fn days() -> Vec<(u32, u32, u32)> {
        let mut list = Vec::new();
        let mut weekday = 2;
        for year in 2036..2040 {
            for (month, longest) in (1..).zip(DAYS) {
                let length = if month == 2 && year != 2036 { 28 } else { longest };
                for day in 1..=length {
                    list.push((day, month, weekday));
                    weekday = (weekday + 1) % 7;
                }
            }
        }
        list
    }

    /// One field of cron by trying each number, with no set and no bits.
    fn field_has(text: &str, number: u32, (low, high): (u32, u32), names: &[&str]) -> bool {
        let value = |word: &str| -> u32 {
            let place = names.iter().position(|name| name.eq_ignore_ascii_case(word));
            place.map_or_else(|| word.parse().expect("a number"), |at| low + u32::try_from(at).expect("small"))
        };
        text.split(',').any(|part| {
            let (range, step) = part.split_once('/').unwrap_or((part, ""));
            let (first, last) = match range.split_once('-') {
                Some((first, last)) => (value(first), value(last)),
                None if range == "*" => (low, high),
                None if step.is_empty() => (value(range), value(range)),
                None => (value(range), high.max(value(range))),
            };
            let last = if names.len() == 7 && last == 0 && first > 0 { 7 } else { last };
            let step = if step.is_empty() { 1 } else { value(step) };
            let hit = |n: u32| n >= first && n <= last && (n - first).is_multiple_of(step);
            hit(number) || (names.len() == 7 && number == 0 && hit(7))
        })
    }

    /// A part of `OnCalendar`: `*`, or numbers and ranges; days of the week as their place in systemd's week.
    fn calendar_has(text: &str, number: u32) -> bool {
        let value = |word: &str| {
            ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
                .iter()
                .position(|day| *day == word)
                .map_or_else(|| word.parse().expect("a number"), |at| u32::try_from(at).expect("small"))
        };
        text == "*" || text.split(',').any(|part| part.split_once("..").map_or_else(|| value(part) == number, |(a, b)| (value(a)..=value(b)).contains(&number)))
    }

    /// A small generator, the same on each machine.
    fn next(seed: &mut u64) -> u64 {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *seed >> 33
    }

    fn random_field(seed: &mut u64, low: u32, high: u32, names: &[&str]) -> String {
        let mut parts = Vec::new();
        for _ in 0..=next(seed) % 2 {
            let span = u64::from(high - low + 1);
            let word = |seed: &mut u64| -> (u32, String) {
                let number = low + u32::try_from(next(seed) % span).expect("small");
                let name = names.get((number - low) as usize).filter(|_| next(seed).is_multiple_of(3));
                (number, name.map_or_else(|| number.to_string(), |name| (*name).to_owned()))
            };
            let ((a, first), (b, last)) = (word(seed), word(seed));
            let range = match next(seed) % 4 {
                0 => "*".to_owned(),
                1 if a <= b => format!("{first}-{last}"),
                _ => first,
            };
            parts.push(if next(seed).is_multiple_of(3) { format!("{range}/{}", 1 + next(seed) % u64::from(high.min(9))) } else { range });
        }
        parts.join(",")
    }

    #[test]
    fn calendars_mean_what_the_fields_say() {
        let (days, mut seed) = (days(), 20_361);
        for _ in 0..150 {
            let bounds = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)];
            let names: [&[&str]; 5] = [&[], &[], &[], &MONTHS, &WEEKDAYS];
            let fields: Vec<String> = (0..5)
                .map(|at| {
                    let high = if at == 4 { 7 } else { bounds[at].1 };
                    if at > 1 && next(&mut seed).is_multiple_of(3) { "*".to_owned() } else { random_field(&mut seed, bounds[at].0, high, names[at]) }
                })
                .collect();
            let text = fields.join(" ");
            let Ok(cron) = Cron::parse(&text) else { continue };
            let has = |at: usize, number: u32| field_has(&fields[at], number, bounds[at], names[at]);
            let star = |at: usize| fields[at].split(',').any(|part| part == "*" || part == "*/1");
            let lines = cron.for_systemd();
            // Weekday or nothing, date, time, zone.
            let parts: Vec<Vec<&str>> = lines.iter().map(|line| line.split(' ').rev().collect()).collect();
            for (day, month, weekday) in &days {
                let by_day = has(2, *day);
                let by_weekday = has(4, *weekday);
                let expected = has(3, *month)
                    && match (star(2), star(4)) {
                        (true, true) => true,
                        (true, false) => by_weekday,
                        (false, true) => by_day,
                        (false, false) => by_day || by_weekday,
                    };
                let found = parts.iter().any(|part| {
                    let date: Vec<&str> = part[2].split('-').collect();
                    calendar_has(date[1], *month) && calendar_has(date[2], *day) && part.get(3).is_none_or(|week| calendar_has(week, (weekday + 6) % 7))
                });
                assert_eq!(found, expected, "{text}: {lines:?} on {day}.{month}., day {weekday}");
            }
            let time: Vec<&str> = parts[0][1].split(':').collect();
            assert!((0..24).all(|hour| calendar_has(time[0], hour) == has(1, hour)), "{text}: {lines:?}");
            assert!((0..60).all(|minute| calendar_has(time[1], minute) == has(0, minute)), "{text}: {lines:?}");
        }
    }
}
