"""The liver: hepatitis B as the anti-CD20 rules need it, chronic disease as drugs that harm it do."""
