from feedback.models.brand import Brand
from feedback.models.invitation import AlreadyAnswered, Invitation, InvitationToken
from feedback.models.question import Question
from feedback.models.response import Answer, CannotChange, Response, ResponseChange
from feedback.models.survey import CannotAsk, Survey
from feedback.models.tally import AnswerTally, InvitationTally, LastScores
from feedback.models.topic import ResponseTopic, Topic, TopicNews, TopicRule
from feedback.models.version import SurveyVersion

__all__ = [
    "AlreadyAnswered",
    "Answer",
    "AnswerTally",
    "Brand",
    "CannotAsk",
    "CannotChange",
    "Invitation",
    "InvitationTally",
    "InvitationToken",
    "LastScores",
    "Question",
    "Response",
    "ResponseChange",
    "ResponseTopic",
    "Survey",
    "SurveyVersion",
    "Topic",
    "TopicNews",
    "TopicRule",
]
