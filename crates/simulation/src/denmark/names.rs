//! Names that sound Danish and belong to nobody in particular.

use crate::dice::Dice;

const WOMEN: [&str; 32] = [
    "Agnes", "Alma", "Anna", "Asta", "Birgit", "Bodil", "Camilla", "Dagmar", "Ditte", "Ellen", "Emma", "Esther", "Frida",
    "Gerda", "Gry", "Helle", "Ida", "Inger", "Jytte", "Karen", "Kirsten", "Lærke", "Maja", "Mette", "Nanna", "Pernille",
    "Ragnhild", "Rikke", "Signe", "Sofie", "Tove", "Åse",
];

const MEN: [&str; 32] = [
    "Aksel",
    "Anders",
    "Anton",
    "Asger",
    "Bent",
    "Bjørn",
    "Carl",
    "Christian",
    "Ebbe",
    "Emil",
    "Erik",
    "Frederik",
    "Gorm",
    "Hans",
    "Harald",
    "Holger",
    "Jens",
    "Jørgen",
    "Kaj",
    "Knud",
    "Lars",
    "Magnus",
    "Mads",
    "Niels",
    "Oskar",
    "Poul",
    "Rasmus",
    "Søren",
    "Thorkild",
    "Troels",
    "Valdemar",
    "Viggo",
];

const SURNAMES: [&str; 40] = [
    "Andersen",
    "Bak",
    "Bech",
    "Birk",
    "Bjerre",
    "Bruun",
    "Christensen",
    "Dahl",
    "Damgaard",
    "Eskildsen",
    "Frandsen",
    "Friis",
    "Gram",
    "Hald",
    "Hansen",
    "Hedegaard",
    "Holm",
    "Iversen",
    "Jensen",
    "Juhl",
    "Kjær",
    "Kofoed",
    "Krogh",
    "Larsen",
    "Lund",
    "Madsen",
    "Møller",
    "Nielsen",
    "Nørgaard",
    "Olesen",
    "Petersen",
    "Ravn",
    "Riis",
    "Skov",
    "Sørensen",
    "Thomsen",
    "Toft",
    "Vestergaard",
    "Winther",
    "Østergaard",
];

const TRADES: [&str; 20] = [
    "Tømrer",
    "Bageri",
    "Malerfirma",
    "Autoværksted",
    "Gartneri",
    "Rådgivning",
    "Transport",
    "Maskinfabrik",
    "Fiskeri",
    "Bogbinderi",
    "Elektro",
    "Murer",
    "Landbrug",
    "Revision",
    "Cykler",
    "Planteskole",
    "Smedje",
    "Boghandel",
    "Mejeri",
    "Vognmand",
];

const FORMS: [&str; 4] = ["ApS", "A/S", "I/S", "P/S"];

const STREETS: [&str; 16] = [
    "Ahornvej",
    "Birkeallé",
    "Dammen",
    "Egevej",
    "Fyrrestien",
    "Granvænget",
    "Havnegade",
    "Kirkestræde",
    "Lindealle",
    "Møllebakken",
    "Nørregade",
    "Poppelvej",
    "Rønnevej",
    "Skolegade",
    "Strandvejen",
    "Åvænget",
];

const TOWNS: [(&str, &str); 8] = [
    ("0001", "Nordstrand"),
    ("0002", "Søndermose"),
    ("0003", "Vesterlund"),
    ("0004", "Østerbæk"),
    ("0005", "Klitbjerg"),
    ("0006", "Havkyst"),
    ("0007", "Midtskov"),
    ("0008", "Fjordhede"),
];

/// A person's name: a first name, mostly a middle name, a surname.
pub(crate) fn person(dice: &mut Dice, woman: bool) -> String {
    let first_names: &[&str] = if woman { &WOMEN } else { &MEN };
    let first = *dice.pick(first_names);
    let last = *dice.pick(&SURNAMES);
    if dice.falls(6_000) { format!("{first} {} {last}", dice.pick(&SURNAMES)) } else { format!("{first} {last}") }
}

/// A company's name, marked as invented.
pub(super) fn company(dice: &mut Dice) -> String {
    format!("{} {} {} (demo)", dice.pick(&SURNAMES), dice.pick(&TRADES), dice.pick(&FORMS))
}

/// An address in a town that does not exist.
#[derive(Clone, Debug)]
pub(crate) struct Address {
    pub(crate) street: String,
    pub(crate) postal_code: &'static str,
    pub(crate) town: &'static str,
}

/// Draws an address.
pub(crate) fn address(dice: &mut Dice) -> Address {
    let street = format!("{} {}", dice.pick(&STREETS), 1 + dice.below(180));
    let (postal_code, town) = *dice.pick(&TOWNS);
    Address { street, postal_code, town }
}
