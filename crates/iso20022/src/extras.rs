//! What a payer may add to a payment or a block and few do: it passes on to the bank as it stands.

/// An element a payer may add.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extra {
    /// `PmtTpInf/InstrPrty`: `HIGH` or `NORM`.
    InstructionPriority,
    /// `PmtTpInf/LclInstrm/Cd`.
    LocalInstrumentCode,
    /// `PmtTpInf/LclInstrm/Prtry`.
    LocalInstrument,
    /// `UltmtDbtr/Nm`: for whom the payer pays.
    UltimateDebtor,
    /// `UltmtCdtr/Nm`: for whom the payee gets the money.
    UltimateCreditor,
    /// `InstrForCdtrAgt/Cd` of versions 03 and 09, the first.
    CreditorAgentCode,
    /// `InstrForCdtrAgt/InstrInf`, the first.
    CreditorAgentText,
    /// `InstrForDbtrAgt`, of version 12 its `InstrInf`.
    DebtorAgentText,
    /// `RmtInf/Strd/RfrdDocInf/Tp/CdOrPrtry/Cd`, the first.
    DocumentType,
    /// `RmtInf/Strd/RfrdDocInf/Nb`, the first.
    DocumentNumber,
    /// `RmtInf/Strd/RfrdDocInf/RltdDt`, the first.
    DocumentDate,
    /// `RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Cd`, of the first reference.
    ReferenceCode,
    /// `RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Prtry`, of the first reference.
    ReferenceType,
    /// `RmtInf/Strd/CdtrRefInf/Tp/Issr`, of the first reference.
    ReferenceIssuer,
}

/// What an element's text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExtraKind {
    /// A code or a day, made of characters that everybody has.
    Code,
    /// A reference: never converted.
    Reference,
    /// A text for people of at most 140 characters, converted where the receiver needs it.
    Text,
}

impl Extra {
    /// All there are.
    pub const ALL: [Extra; 14] = [
        Extra::InstructionPriority,
        Extra::LocalInstrumentCode,
        Extra::LocalInstrument,
        Extra::UltimateDebtor,
        Extra::UltimateCreditor,
        Extra::CreditorAgentCode,
        Extra::CreditorAgentText,
        Extra::DebtorAgentText,
        Extra::DocumentType,
        Extra::DocumentNumber,
        Extra::DocumentDate,
        Extra::ReferenceCode,
        Extra::ReferenceType,
        Extra::ReferenceIssuer,
    ];

    /// The path of its element below a payment, or below a block where that may have it too.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Extra::InstructionPriority => "PmtTpInf/InstrPrty",
            Extra::LocalInstrumentCode => "PmtTpInf/LclInstrm/Cd",
            Extra::LocalInstrument => "PmtTpInf/LclInstrm/Prtry",
            Extra::UltimateDebtor => "UltmtDbtr/Nm",
            Extra::UltimateCreditor => "UltmtCdtr/Nm",
            Extra::CreditorAgentCode => "InstrForCdtrAgt/Cd",
            Extra::CreditorAgentText => "InstrForCdtrAgt/InstrInf",
            Extra::DebtorAgentText => "InstrForDbtrAgt",
            Extra::DocumentType => "RmtInf/Strd/RfrdDocInf/Tp/CdOrPrtry/Cd",
            Extra::DocumentNumber => "RmtInf/Strd/RfrdDocInf/Nb",
            Extra::DocumentDate => "RmtInf/Strd/RfrdDocInf/RltdDt",
            Extra::ReferenceCode => "RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Cd",
            Extra::ReferenceType => "RmtInf/Strd/CdtrRefInf/Tp/CdOrPrtry/Prtry",
            Extra::ReferenceIssuer => "RmtInf/Strd/CdtrRefInf/Tp/Issr",
        }
    }

    /// What its text is.
    #[must_use]
    pub const fn kind(self) -> ExtraKind {
        match self {
            Extra::LocalInstrument | Extra::DocumentNumber | Extra::ReferenceType | Extra::ReferenceIssuer => {
                ExtraKind::Reference
            }
            Extra::UltimateDebtor | Extra::UltimateCreditor | Extra::CreditorAgentText | Extra::DebtorAgentText => {
                ExtraKind::Text
            }
            _ => ExtraKind::Code,
        }
    }
}

/// What was added, by its elements.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct Extras<'a>([Option<&'a str>; Extra::ALL.len()]);

impl<'a> Extras<'a> {
    /// The text of an element.
    #[must_use]
    pub fn get(&self, extra: Extra) -> Option<&'a str> {
        self.0[extra as usize]
    }

    /// Sets the text of an element.
    pub fn set(&mut self, extra: Extra, text: &'a str) {
        self.0[extra as usize] = Some(text);
    }

    /// What there is.
    pub fn iter(&self) -> impl Iterator<Item = (Extra, &'a str)> + use<'a> {
        Extra::ALL.into_iter().zip(self.0).filter_map(|(extra, text)| Some((extra, text?)))
    }

    /// Whether there is nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(Option::is_none)
    }
}

impl<'a> FromIterator<(Extra, &'a str)> for Extras<'a> {
    fn from_iter<I: IntoIterator<Item = (Extra, &'a str)>>(given: I) -> Self {
        let mut extras = Extras::default();
        given.into_iter().for_each(|(extra, text)| extras.set(extra, text));
        extras
    }
}

impl std::fmt::Debug for Extras<'_> {
    /// Shows what there is, and no text: it may be personal.
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_list().entries(self.iter().map(|(extra, _)| extra)).finish()
    }
}

macro_rules! left_out {
    ($($(#[$documentation:meta])* $name:ident $elements:literal,)*) => {
        /// Elements that are validated and do not pass on to the bank; the payer is told.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LeftOut {
            $($(#[$documentation])* $name,)*
        }

        impl LeftOut {
            /// All there are.
            pub const ALL: &[LeftOut] = &[$(LeftOut::$name,)*];

            /// The elements, as a payer knows them.
            #[must_use]
            pub fn elements(self) -> &'static str {
                match self { $(LeftOut::$name => $elements,)* }
            }
        }
    };
}

left_out! {
    /// Reports to an authority.
    RegulatoryReporting "RgltryRptg",
    /// Taxes.
    Tax "Tax",
    /// Where the remittance information is to be found.
    RelatedRemittance "RltdRmtInf",
    /// What of structured remittance is neither the first reference nor the first document.
    Remittance "RmtInf/Strd",
    /// Banks and accounts between the payer's bank and the payee's account, and what of the payee's bank is not its BIC, number, name
    /// and country.
    Agents "IntrmyAgt, CdtrAgt, CdtrAgtAcct, DbtrAgtAcct",
    /// Agreed rates.
    ExchangeRate "XchgRateInf",
    /// What of the ultimate parties is not their name.
    UltimateParty "UltmtDbtr, UltmtCdtr",
    /// Instructions to a bank that are no text, or more than one.
    Instructions "InstrForCdtrAgt, InstrForDbtrAgt",
    /// What has no schema.
    Supplementary "SplmtryData",
    /// A service level in words, or more than one.
    ServiceLevel "SvcLvl",
    /// Where charges are to be debited.
    Charges "ChrgsAcct, ChrgsAcctAgt",
    /// How the payer's bank is to pool and to advise.
    Pooling "PoolgAdjstmntDt, ReqdAdvcTp",
    /// A mandate.
    Mandate "MndtRltdInf",
    /// A cheque.
    Cheque "ChqInstr",
    /// What of the payee is neither its name, its address nor its number.
    Payee "Cdtr",
    /// What of the payee's account is not its number.
    PayeeAccount "CdtrAcct",
}

/// Several of [`LeftOut`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AllLeftOut(u32);

impl AllLeftOut {
    /// Adds one.
    pub fn add(&mut self, one: LeftOut) {
        self.0 |= 1 << one as u16;
    }

    /// Adds those of another.
    pub fn join(&mut self, other: AllLeftOut) {
        self.0 |= other.0;
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Those there are.
    pub fn iter(self) -> impl Iterator<Item = LeftOut> {
        LeftOut::ALL.iter().copied().filter(move |one| self.0 & (1 << *one as u16) != 0)
    }
}
