//! What leaves the register for its holders, over the contract: letters to the printing house, notices to Digital Post.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use contracts::register::{LetterRef, MAX_LETTERS, MAX_NOTICES, NoticeText, OutgoingLetter, OutgoingNotice};
use contracts::{Context, IdempotencyKey, Problem};
use primitives::{EntryRef, HolderRef, Text};

use crate::House;
use crate::fault::{Fault, check_size};
use crate::keyed::KeyedCall;
use crate::letter::{LetterToPrint, check_printing};
use crate::lookup::limit_out_of_range;
use crate::notice::Notice;
use crate::store::{letter, notice};

impl House {
    pub(crate) async fn letters_out(&self, context: &Context, limit: u32) -> Result<Vec<OutgoingLetter>, Problem> {
        check_printing(context)?;
        check_limit(limit, MAX_LETTERS)?;
        Ok(self.letters_to_print(context, limit).await?.into_iter().map(letter_out).collect())
    }

    pub(crate) async fn letters_are_printed(
        &self, context: &Context, key: &IdempotencyKey, letters: Vec<LetterRef>,
    ) -> Result<u64, Problem> {
        check_printing(context)?;
        check_size(letters.len())?;
        let call = KeyedCall::new(self, context, "note-letters-printed", key, &letters)?;
        let printed: Vec<(HolderRef, EntryRef)> = letters.iter().map(|letter| (letter.holder, letter.entry)).collect();
        let marking = self.database.transaction("register.note_letters_printed", async |mut tx| {
            if let Some(answer) = call.replay(&mut tx).await? {
                return Ok::<_, Fault>(answer);
            }
            let marked = letter::mark_printed(&mut tx, &printed, self.clock.now()).await?;
            call.close(&mut tx, marked).await
        });
        Ok(marking.await?)
    }

    pub(crate) async fn notices_out(&self, context: &Context, limit: u32) -> Result<Vec<OutgoingNotice>, Problem> {
        check_printing(context)?;
        check_limit(limit, MAX_NOTICES)?;
        Ok(self.notices_to_send(context, limit).await?.into_iter().map(notice_out).collect())
    }

    pub(crate) async fn notices_are_sent(
        &self, context: &Context, key: &IdempotencyKey, notices: Vec<i64>,
    ) -> Result<u64, Problem> {
        check_printing(context)?;
        check_size(notices.len())?;
        let call = KeyedCall::new(self, context, "note-notices-sent", key, &notices)?;
        let marking = self.database.transaction("register.note_notices_sent", async |mut tx| {
            if let Some(answer) = call.replay(&mut tx).await? {
                return Ok::<_, Fault>(answer);
            }
            let marked = notice::mark_sent(&mut tx, &notices, self.clock.now()).await?;
            call.close(&mut tx, marked).await
        });
        Ok(marking.await?)
    }
}

fn check_limit(limit: u32, most: u32) -> Result<(), Problem> {
    if (1..=most).contains(&limit) { Ok(()) } else { Err(limit_out_of_range(most)) }
}

fn letter_out(letter: LetterToPrint) -> OutgoingLetter {
    OutgoingLetter {
        letter: LetterRef { holder: letter.holder, entry: letter.entry },
        identifier: letter.identifier,
        name: letter.name,
        address: letter.address,
        expires_at: letter.expires_at,
        pdf: STANDARD.encode(letter.pdf),
    }
}

fn notice_out(notice: Notice) -> OutgoingNotice {
    let text = |Text { da, en }| NoticeText { da, en };
    let Notice { notice, holder, identifier, subject, body } = notice;
    OutgoingNotice { notice, holder, identifier, subject: text(subject), body: text(body) }
}
