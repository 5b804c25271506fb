"""Answers written back as FHIR: QuestionnaireResponses created and corrected, alone and in Bundles."""
