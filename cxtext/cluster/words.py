"""Words that carry no subject: function words, greetings and thanks, and what people write around a complaint.

Function words never become features: with a whole survey answer as the unit they outweigh the subject. Negations are
kept ("not", "no", "never", "didn't"): in a pair such as "not working" they are the point.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATIONS = _words(
    """not no never none nothing neither nor cannot can't couldn't didn't doesn't don't hadn't hasn't haven't isn't
    wasn't weren't won't wouldn't shouldn't ain't aren't cant couldnt didnt doesnt dont hasnt havent isnt wasnt wont
    wouldnt n't without"""
)

# Determiners, pronouns, prepositions, conjunctions, auxiliaries and the fillers of ordinary speech.
FUNCTION_WORDS = _words(
    """a an the this that these those each every either some any all both such same other another own
    i me my mine myself we us our ours ourselves you your yours yourself yourselves u ur he him his himself she her hers
    herself it its itself they them their theirs themselves one ones someone anyone everyone somebody anybody everybody
    something anything everything who whom whose which what whatever whichever where when why how there here
    of in on at by for from to into onto with within about against between among through during before after above
    below over under up down out off across around along behind beside besides beyond near per since than till until
    toward towards upon via as like
    and or but nor so yet if then else because although though while whereas unless whether
    am is are was were be been being have has had having do does did doing done will would shall should can could may
    might must ought need to let lets let's
    i'm i've i'd i'll im ive id ill you're you've you'd you'll youre he's he'd he'll she's she'd she'll it's it'd it'll
    we're we've we'd we'll they're they've they'd they'll theyre that's thats there's theres here's what's whats who's
    where's how's
    s t d m re ve ll y
    just very really quite too also only even still again ever already almost always often sometimes maybe perhaps
    actually basically literally simply much many more most less least few little lot lots bit rather pretty
    now today well ok okay oh etc eg ie e g
    get gets got getting gotten go goes going went gone make makes made making want wants wanted
    say says said know knew think thought see seen saw look looks looked seem seems seemed
    thing things way ways time times im gonna amp rt"""
)

GREETINGS = _words(
    """hi hello hey dear sir madam good morning afternoon evening thanks thank thankyou thx cheers regards sincerely
    kind yours faithfully best wishes please pls plz sorry welcome bye team all everyone signed sent iphone android
    guys folks love appreciate appreciated ta ok yes yeah yep no nope na nil none nothing comment comments"""
)

# How people feel, not about what. A group made of these restates the score and explains nothing.
SENTIMENT = _words(
    """good great excellent amazing awesome fantastic wonderful brilliant superb perfect lovely nice best better fine
    happy pleased satisfied glad love loved loves like liked enjoy enjoyed impressed fab outstanding positive
    bad worse worst awful terrible horrible horrendous horrific appalling atrocious dreadful shocking disgusting
    disgraceful disgusted pathetic poor useless rubbish crap shit sucks suck sucked joke ridiculous unacceptable
    hate hated angry annoyed annoying upset frustrated frustrating furious disappointed disappointing disappointment
    unhappy dissatisfied fail failed nightmare shame shameful stupid fuck fucking damn wtf smh ugh lol haha wow
    absolutely highly totally completely extremely utterly so such experience overall never"""
)
