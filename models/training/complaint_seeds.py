"""Invented sentences that show a model of complaints what everyday feedback sounds like in fields it has no data for.

Every sentence is made here from frames and fillers; none comes from a customer. Label 1: a complaint or a call for
improvement; 0: praise, contentment ("Nothing, all was fine"), or plain information and questions.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

_CONTENT = """nothing|nothing at all|nothing really|nothing to add|nothing comes to mind|nothing springs to mind|none|none at all|
no|nope|n/a|na|nil|not really|not a thing|not much|no complaints|no complaints at all|no complaints whatsoever|no issues|no issues at all|
no problems|no problems at all|no problem|no concerns|no faults|no improvements needed|no improvement needed|no improvement necessary|
no changes needed|no change needed|no change|no changes|no suggestions|no comment|no comments|can't think of anything|cannot think of anything|
i can't think of anything|don't know|i don't know|not sure|unsure|not that i can think of|none that i can think of|nothing i can think of|nothing that i can think of|
nothing to improve|nothing to change|nothing needs changing|nothing needs to change|nothing needs improving|nothing could be improved|
nothing could be better|nothing could have been better|nothing could have been done better|nothing better|nothing more|nothing else|nothing i would change|
nothing in particular|nothing in my opinion|nothing that i am aware of|i have no complaints|we have no complaints|i had no problems|
keep up the good work|keep it up|keep doing what you are doing|keep doing what you do|carry on as you are|carry on|stay as you are|just keep going|
all good|all fine|all ok|all was well|everything fine|everything was fine|everything ok|happy as it is|it's fine as it is|fine as it is|
happy with everything|satisfied|quite satisfied|very satisfied|very happy|perfectly happy|pleased|absolutely nothing|nothing whatsoever|
there is nothing to improve|there is nothing i would change|there was nothing wrong|nothing was wrong|nothing wrong|
i would not change anything|i wouldn't change a thing|don't change anything|don't change a thing|no need to change anything|no need for improvement|
not a single complaint|never a complaint|no criticism|no negatives|nothing negative|nothing bad to say|not applicable|nothing to complain about|
nothing to report|nothing special|nothing as yet|nothing so far|none so far|nothing at present|nothing at the moment|nothing this time|nothing i'm happy"""

_PRAISE_TAIL = """all was excellent|great service|excellent service|very happy|everything was perfect|everything was great|very satisfied|
thank you|thanks|many thanks|the staff were lovely|they were great|they were fantastic|she was lovely|he was brilliant|first class|
it was excellent|it was perfect|it was all good|brilliant|excellent|perfect|superb|fantastic|you are great|all very good|very helpful|
very professional|very pleased|you did everything right|well done|wonderful|all went well|very good|great|you were all amazing|
staff were great|spot on|happy with the service|really pleased with it|i love it as it is|it works well|it does what it should"""

_NEGATED = """could not have been|couldn't have been|could not be|couldn't be|can't be|cannot be|could never be|
could not get|couldn't get any|could not have felt|couldn't have felt"""
_NEGATED_END = """better|any better|happier|more helpful|improved|faulted|faster|easier|nicer|kinder|more professional|more polite|
more pleased|friendlier|more satisfied|bettered|beaten|smoother|more efficient|more caring"""
_NEGATED_MORE = """could not have done better|could not have done more|couldn't have done any more|could not do any better|couldn't do enough for us|
could not do more to help|couldn't ask for more|could not ask for better|couldn't wish for a better service|could not wish for more|
cannot fault it|can't fault them|can't fault the staff|cannot fault anything|couldn't fault a thing|can't fault the service|
can't improve on perfection|cannot improve on that|you can't improve perfection|can't better it|cannot better this|hard to find fault|
couldn't find fault with anything|no fault with the product|nothing was too much trouble|nothing is too much trouble|never had a problem|
never had any problems|never let me down|has never failed me|without any problems|without a hitch|without any hassle|had no trouble at all|
no hassle|no fuss|no stress|no waiting|no queues|no delay|no delays|did not have to wait|didn't have to wait long|not long to wait|not too long a wait|
hardly any wait|barely waited a minute|no wait at all|less waiting than i expected|no trouble finding it|nothing to worry about|not disappointed|
was not disappointed|won't be disappointed|you will not regret it|no regrets|no doubt about it|not bad at all|not expensive|never rude|never late|
can't complain|cannot complain|can't recommend it enough|cannot praise them enough|cannot thank you enough|can't thank them enough|can't wait to go back|
don't hesitate to buy it|did not feel rushed|never felt rushed|didn't feel judged|not one bad word to say|haven't got a bad word to say|
could have done nothing better|you could not do anything better|nothing you could do better|there's nothing you could have done better|
i have never been disappointed|problem solved straight away|my issue was resolved quickly|sorted the problem within minutes|
fixed the fault the same day|they dealt with my complaint very well|the refund came within a day|replaced the broken one at once|
listened to my problem and helped|explained what was wrong and put it right|answered my question about the error|even when there was a delay they kept us informed"""

_THING = """staff|service|communication|delivery|website|app|parking|support|information|food|waiting times|signage|lighting|seating|
opening hours|appointments|facilities|choice|training|wifi|packaging|prices|organisation|phone line|booking system|checkout|
customer service|quality|instructions|battery life|toilets|cleaning|queues|heating|follow up|access|transport|sizes|trains|
updates|refund process|response times|connection|coverage|battery|screen|menu|search|login page|call centre|paperwork|documentation"""
_MORE = """more|better|faster|quicker|clearer|improved|improve|improve the|improve your|improvement in|lack of|not enough|poor|bad|terrible|
no|very poor|insufficient|inadequate|slow|awful|please improve the|work on the|sort out the|fix the|upgrade the|
need better|need more|needs better|we need more|you need to improve the|should improve the|could do with more|could do with better|would like more|
would like better|would prefer better|wish there was more|wish there were better|it would help to have more|there should be more|there could be more"""
_IS_BAD = """could be better|could be quicker|could be improved|could have been better|should be better|should be quicker|needs improving|
needs improvement|needs work|needs to improve|needs fixing|needs updating|needs to be better|must improve|is poor|was poor|is terrible|was awful|
is too slow|was too slow|is not good enough|was not good enough|isn't great|wasn't great|is not up to standard|leaves a lot to be desired|
has got worse|is getting worse|was a let down|is a joke|is unreliable|was disappointing|is confusing|is a mess|was dreadful|is a nightmare"""
_ITEM = """app|website|site|system|screen|page|payment page|machine|router|phone|laptop|battery|charger|printer|camera|speaker|kettle|
zip|door|lock|tracker|software|update|game|player|tablet|card reader|scanner|thermostat|heater|vacuum|keyboard|remote"""
_FAILS = """crashes|keeps crashing|crashes every time i open it|crashed again|freezes|keeps freezing|froze twice|doesn't work|does not work|
won't load|will not load|won't open|won't turn on|does not turn on|won't charge|stopped working|stopped working after a week|is broken|was broken|
broke after two days|keeps logging me out|keeps disconnecting|is down again|was down all day|is not working|isn't working|never works|
hangs on start|shows an error|gives an error message|is very slow|is so slow|takes ages|takes forever to load|died after a month|overheats|
gets too hot|leaks|rattles|is faulty|was faulty|arrived broken|came damaged|drains fast|lost all my data|failed|failed again|fell apart|
is useless|is unusable since the update|has a bug|is full of bugs|won't let me log in|rejects my password|does not connect|won't sync"""
_SPAN = "2 hours|3 hours|6 hours|40 minutes|45 minutes|an hour|over an hour|two days|3 days|a week|over a week|2 weeks|three weeks|a month|2 months|four months|half a day|so long|ages|far too long"
_DELAYS = """waited {}|we waited {}|had to wait {}|i had to wait {}|i have been waiting {}|still waiting after {}|been on hold for {}|on hold for {}|
kept waiting for {}|left waiting {} outside|it took {} to get an answer|took {} to arrive|{} late|it was {} late|delayed by {}|sat on the runway for {}|
no reply after {}|no reply for {}|it has been {} and still no refund|{} and still no reply|{} on the phone and nobody answered|
{} without an update|{} without hot water|{} with no signal|was left alone for {}|the queue took {}|spent {} trying to log in|
a wait of {} is too long|waited {} for a call back that never came|{} to get through on the phone|the repair took {}"""
_COMPLAINTS = """still waiting for my refund|still no reply|still no answer|still no refund|where is my refund|where is my order|where is my bag|
kindly refund my money|please refund my money|refund my money|i want my money back|i want a refund|give me my money back|please send a replacement|
my card was declined|my payment failed|my payment was declined|i was charged twice|charged me twice for one order|you overcharged me|
i was billed for something i never ordered|money was taken but the order never came|hidden fees everywhere|a fee i was not told about|
my parcel never arrived|the parcel never came|it never arrived|the order was wrong|sent the wrong item|wrong size sent again|parts were missing|
a screw was missing|the box was empty|the glass was cracked|arrived smashed|arrived late|delivered to the wrong address|left out in the rain|
nobody called back|no one called me back|nobody answers the phone|no one picks up|can't get through to anyone|unable to reach a person|
can't get through on the phone|impossible to reach anyone|you never reply to emails|never got a response|no response to my emails|ignored my emails|
i have called three times|third time i call about this|i had to call five times|had to repeat myself to every agent|had to explain it all again|
passed from one department to another|was transferred four times|they hung up on me|hung up on me twice|kept me on hold and cut me off|
was told one thing and then another|nobody told us anything|nobody told me it was cancelled|no one explained what would happen|
we were not informed|was not told about the change|no information about the delay|lack of information|didn't explain anything|did not listen to me|
was not listened to|i felt ignored|felt rushed|felt like a number|talked down to me|made me feel uncomfortable|was dismissed|nobody cared|
they could not care less|the agent was rude|staff were rude|rude and unhelpful|the driver was abrupt|the man at the desk was unfriendly|
unprofessional|unhelpful staff|no apology|not even an apology|did nothing to help|refused to help|refused to refund me|they blamed me|
cancelled my flight|my flight was cancelled|flight delayed again|missed my connection because of the delay|lost my luggage|lost my bag|my bag is still missing|
my suitcase came back damaged|the seat was broken|no room for my legs|the room was dirty|the room smelled|the bathroom was filthy|no hot water|
no clean towels|the food was cold|cold food|the meal was tasteless|ran out of food|nothing for vegetarians|the toilets were dirty|too noisy to sleep|
noisy|overcrowded|too crowded|too busy|too expensive|overpriced|not worth the money|waste of money|waste of time|complete waste of time|poor value|
poor quality|cheap material|flimsy|thin and see through|fell apart after one wash|shrank in the wash|runs small|too tight|too big|the colour is not as shown|
does not fit|the fabric is itchy|not as described|nothing like the picture|not what i ordered|looks used|looks like a fake|misleading advert|false advertising|
the price went up again|prices keep going up|the discount was not applied|the voucher does not work|the code was rejected|can't log in|cannot log in|
locked out of my account|my account was blocked for no reason|password reset does not work|never received the code|the link is dead|too many adverts|
too many clicks|hard to find anything|difficult to use|hard to understand|confusing|complicated|the instructions make no sense|no instructions|
appointment cancelled at short notice|cancelled on the day|couldn't get an appointment|could not get an appointment|no appointments available|
wrong date on the letter|lost my paperwork|lost my records|sent home without my medicine|nobody checked on me|short staffed|understaffed|not enough staff|
nowhere to park|parking is a nightmare|no parking|too far to walk|the lift was out of order|no wheelchair access|the waiting room was cold|nowhere to sit|
the internet keeps dropping|no signal|no signal at home|slow internet|connection drops every evening|calls keep dropping|another outage|power cut again|
the bill is wrong|my bill doubled|wrong amount on the invoice|cannot cancel my subscription|they won't let me cancel|i am cancelling|
switching to someone else|i am leaving|never again|never using this again|will not be back|won't buy again|would not recommend|do not recommend|avoid|
do not buy|don't waste your money|stay away|worst service ever|worst experience|worst company|absolutely disgusted|very disappointed|so disappointed|
disappointing|frustrating|very frustrating|unacceptable|this is unacceptable|not acceptable|ridiculous|shocking|appalling|disgraceful|a disgrace|a joke|
not happy|not happy at all|unhappy with the service|not impressed|fed up|sick of this|had enough|so annoyed|not good enough|poor service|terrible service|
bad experience|it was horrible|it hurt and nobody listened|could be better|could have been better|should have been told|should have been sooner|
should be open later|should answer the phone|should listen more|should be cheaper|must do better|room for improvement|a lot to improve|everything|
be on time|answer the phone|answer your phones|listen to customers|listen to patients|train your staff|reply to emails|keep people informed|
keep us updated|let people know about delays|hire more people|employ more staff|open more tills|lower your prices|bring back the old version|
stop changing the layout|stop sending me emails|make it easier to cancel|make the text bigger|turn the music down|be more helpful|be more polite|
be more organised|less waiting|shorter waiting times|shorter queues|less paperwork|fewer forms|fewer delays|waiting time|waiting times|the wait|the price|
the queue|the noise|delays|long wait|long waits|long queues|late again|always late|never on time|not on time"""
_SUBJECT = """staff were|the staff were|the team was|the driver was|my adviser was|the nurse was|the crew were|the agent was|everyone was|
the service was|the food was|the room was|delivery was|the call was|the app is|the website is|the product is|the quality is|the process was|
the visit was|she was|he was|they were|the teacher was|the engineer was|the receptionist was|it was|it is|the whole experience was"""
_GOOD = """excellent|very good|brilliant|great|lovely|fantastic|so helpful|very helpful|friendly|friendly and helpful|kind and caring|polite|
professional|quick and easy|easy|fast|amazing|superb|perfect|spot on|outstanding|first class|efficient|wonderful|on time|clean and tidy|
clear and simple|reassuring|patient and understanding|smooth|good value|just right|delicious|comfortable|caring|respectful|knowledgeable"""
_BAD = """awful|terrible|very poor|rude|unhelpful|slow|late|dreadful|useless|cold|dirty|disappointing|unfriendly|abrupt|not helpful|not good|
not clean|confusing|hopeless|appalling|below average|painful|stressful|shambolic|disorganised|overpriced|noisy|not very friendly|dismissive|
impatient|too slow|not on time|not at all helpful|far from good|inconsistent|mediocre|frustrating"""
_PRAISE = """explained everything clearly|explained what was going to happen|answered all my questions|listened to me|i felt listened to|i felt safe|
made me feel at ease|put me at ease|made me feel welcome|treated me with respect|treated with dignity|took the time to explain|took their time with me|
went the extra mile|nothing but praise|always there when i need help|kept me informed|kept us updated all the way|came on time|arrived on time|
arrived early|arrived within minutes|came quickly|quick response|quick reply|prompt service|fast delivery|well packed|easy to use|easy to book|easy to find|
easy to talk to|works perfectly|works as expected|works like a charm|works every time|does what it says|fits perfectly|fits like a glove|true to size|soft and comfortable|
great value|good value for money|worth every penny|worth the price|good quality|great quality|high quality|exactly what i needed|just what i wanted|as described|
highly recommend|would recommend|would buy again|will buy again|will be back|can't wait to return|five stars|my favourite shop|i love it|love this|love it|
loved every minute|so happy with it|really happy|very pleased|delighted|impressed|very impressed|thank you so much|thanks for your help|thanks for the quick reply|
thank you all|a big thank you|you are the best|best service ever|best app i have used|helped me a lot|helped me with my claim|helped me to feel better|
helped me understand my bill|solved my problem|sorted it in minutes|saved me hours|saved me money|the support i received|support from the team|the staff|
the people|the friendly staff|the food|friendly faces|clean rooms|comfortable seats|good food|good communication|good service|great staff|lovely people|
caring staff|kind nurses|helpful staff|polite driver|safe driver|knowledgeable staff|professional team|being listened to|getting the help i needed|the care i got|
the care and attention|everyone knew what they were doing|everything ran smoothly|no queue and a friendly welcome|short queue|plenty of parking|
lots of legroom|lots of choice|good choice of drinks|great view|peaceful|relaxing|warm welcome|calm and reassuring|he was very patient with me|
good to talk to someone|it helped to talk|learned a lot|i feel much better now|i feel more confident|my pain has gone|life saver|made my day"""
_PLAIN = """what time do you open|what are your opening hours|where can i find my invoice|can i change my seat|how do i update my address|
do you deliver to islands|is breakfast included|which size should i take|can i pay by card|how can i add a second user|do you have this in blue|
is there a student discount|when is the next sale|can i bring my dog|how do i set up the alarm|who do i speak to about a booking|could you send me the form|
i ordered two on monday|i visited in march|my appointment is on friday|we stayed three nights|i bought this for my sister|it is a birthday present|
i use it every day|i have the blue one|i am a new customer|this was my first visit|i went with my mother|see you tomorrow|on my way|just landed|
flying out tonight|booked for july|i am wearing a medium|it has two pockets|the box has four cups|we took the early train|i live nearby|i am 64 years old|
hello|hi there|good morning|yes|yes please|ok|okay|test|did not answer|no answer given|prefer not to say|follow me please|new photo|at the gate|
thinking of trying the new menu|watching the launch today|check out our page"""
_MIXED = """but the app keeps crashing|but support never answers|but the wait was too long|but the price is too high|but it broke within a week|
but nobody told us about the delay|but the battery is poor|but delivery took three weeks|however the staff could be friendlier|but the room was cold|
but it arrived damaged|but i had to wait two hours|but parking is a problem|but it should be cheaper|although the queue was long"""


def _items(block: str) -> list[str]:
    return [item.strip() for item in block.replace("\n", "").split("|") if item.strip()]


def _every(items: list[str], step: int, shift: int) -> list[str]:
    """A thinned list, so that many frames times many fillers stays a few sentences for each frame."""
    return items[shift % step :: step]


def _styled(text: str, number: int) -> str:
    """Write it as people do: mostly with a capital and a full stop, sometimes without, sometimes with an exclamation."""
    text = text.replace(" i ", " I ").replace(" i'm ", " I'm ")
    style = number % 5
    if style in (0, 1, 2):
        text = text[:1].upper() + text[1:]
    return text + (".", "", "", ".", "!")[style]


def seeds() -> list[tuple[str, int]]:
    """Every invented sentence with its label, always the same and in the same order; about 4,000."""
    found: dict[str, int] = {}
    for number, (text, label) in enumerate(_sentences()):
        found.setdefault(_styled(text, number), label)
    return list(found.items())


def _sentences() -> Iterator[tuple[str, int]]:
    content, tails, praise = _items(_CONTENT), _items(_PRAISE_TAIL), _items(_PRAISE)
    for number, text in enumerate(content):
        for _ in range(5):  # in every style: short answers are what matters here
            yield text, 0
        for joint, tail in product((". ", ", ", " - ", " "), _every(tails, 10, number)):
            yield text + joint + tail, 0
    for number, start in enumerate(_items(_NEGATED)):
        for who, end in product(
            ("", "it ", "they ", "I ", "the service ", "you "), _every(_items(_NEGATED_END), 2, number)
        ):
            yield f"{who}{start} {end}", 0
    for text in _items(_NEGATED_MORE):
        for who in ("", "I ", "they ", "you "):
            yield who + text, 0
    for number, start in enumerate(_items(_MORE)):
        for thing in _every(_items(_THING), 3, number):
            yield f"{start} {thing}", 1
    for number, thing in enumerate(_items(_THING)):
        for start, end in product(("", "the ", "your "), _every(_items(_IS_BAD), 4, number)):
            yield f"{start}{thing} {end}", 1
    for number, item in enumerate(_items(_ITEM)):
        for start, end in product(("", "the ", "my "), _every(_items(_FAILS), 4, number)):
            yield f"{start}{item} {end}", 1
    for number, frame in enumerate(_items(_DELAYS)):
        for span in _every(_items(_SPAN), 2, number):
            yield frame.format(span), 1
    for text in _items(_COMPLAINTS):
        for _ in range(3):
            yield text, 1
    for number, who in enumerate(_items(_SUBJECT)):
        for how in _every(_items(_GOOD), 2, number):
            yield f"{who} {how}", 0
        for how in _every(_items(_BAD), 2, number):
            yield f"{who} {how}", 1
    for number, text in enumerate(praise):
        for _ in range(3):
            yield text, 0
        for tail in _every(_items(_MIXED), 4, number):
            yield f"{text} {tail}", 1
    for text in _items(_PLAIN):
        for _ in range(3):
            yield text, 0
        yield text + "?", 0
