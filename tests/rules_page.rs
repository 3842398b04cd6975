//! `docs/rules.md` is made from the rules themselves: `UPDATE=1 cargo test --test rules_page` writes it.

mod support;

use infragen::diagnostics::codes::CODES;
use infragen::envfile::ENV_RULES;
use infragen::rules::RULES;
use support::compare;

#[test]
fn the_page_is_what_the_rules_say() {
    let mut page = String::from(
        "# Rules\n\n`infragen lint` asks these of a profile that has no errors. `infragen explain RULE` shows one of them; a finding that is accepted for a\n\
         while is waived in the profile, see [the language](profile.md#waivers).\n\n| rule | severity | applies | finds | why | instead |\n|---|---|---|---|---|---|\n",
    );
    let cell = |text: &str| text.replace('|', "\\|");
    for rule in RULES {
        let (severity, applies) = (rule.severity.as_str(), rule.applies.as_str());
        page.push_str(&format!("| `{}` | {severity} | {applies} | {}. | {} | {} |\n", rule.id, cell(rule.what), cell(rule.why), cell(rule.instead)));
    }
    page.push_str(
        "\n`infragen env check` and `scripts/validate_config.sh` ask these of a real env file.\n\n| rule | severity | says | instead |\n|---|---|---|---|\n",
    );
    for rule in ENV_RULES {
        let message = rule.message.replace("{0}", "...").replace("{1}", "...");
        page.push_str(&format!("| `{}` | {} | {} | {} |\n", rule.id, rule.severity.as_str(), cell(&message), cell(rule.help)));
    }
    page.push_str("\n## Errors\n\nWhat leaves nothing to look at is an error, with status 2. `infragen explain CODE` shows one of them.\n\n| code | what is wrong | why | instead |\n|---|---|---|---|\n");
    for code in CODES {
        page.push_str(&format!("| `{}` | {}. | {} | {} |\n", code.id, cell(code.what), cell(code.why), cell(code.instead)));
    }
    compare("docs/rules.md", &page).unwrap_or_else(|error| panic!("{error}"));
}
